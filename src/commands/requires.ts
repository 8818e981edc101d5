import { Args } from '@oclif/core';
import { BaseCommand, commonFlags, formatFlag, imageFlags, rulesFlag } from './base.js';
import { requirementsJson, requirementsText } from '../report/requirements.js';

export default class Requires extends BaseCommand {
  static override summary = 'says what an image asks of any machine: kernel, CPU, libraries, Windows build';
  static override examples = [
    '<%= config.bin %> requires image.tar',
    '<%= config.bin %> requires image.tar --format json',
  ];
  static override args = { image: Args.string({ required: true, description: 'the image' }) };
  static override flags = {
    ...imageFlags,
    ...formatFlag,
    ...rulesFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Requires);
    const progress = this.progress(flags);
    try {
      const { requirementsOf } = await import('../app/requires.js');
      const found = await requirementsOf(args.image, this.imageOptions(flags, progress), flags.rules ?? null);
      progress.stop();
      this.print(flags.format === 'json' ? requirementsJson(found) : requirementsText(found, this.style(flags)));
    } finally {
      progress.stop();
    }
  }
}
