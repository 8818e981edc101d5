import type { Ora } from 'ora';

/** Says what is being read. The spinner's library is only loaded where one is shown. */
export class Progress {
  readonly #shown: boolean;
  #spinner: Ora | null = null;
  #text = '';
  #stopped = false;

  constructor(shown: boolean) {
    this.#shown = shown;
    if (shown) void this.#start();
  }

  async #start(): Promise<void> {
    const { default: ora } = await import('ora');
    if (!this.#stopped) this.#spinner = ora({ text: this.#text, stream: process.stderr, discardStdin: false }).start();
  }

  say(text: string): void {
    this.#text = text;
    if (this.#shown && this.#spinner !== null) this.#spinner.text = text;
  }

  stop(): void {
    this.#stopped = true;
    this.#spinner?.stop();
  }
}
