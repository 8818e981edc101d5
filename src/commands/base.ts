import { Command, Errors, Flags } from '@oclif/core';
import { EXIT } from '../model/error.js';
import type { Style } from '../model/report.js';
import type { CheckOptions } from '../app/check.js';
import { LIMIT_NAMES, limitsFrom } from '../app/limits.js';
import { parsePlatform } from '../app/platform-selector.js';
import { Progress } from './progress.js';
import type { Terminal } from '../app/terminal.js';
import { inCi, styleFor } from '../app/terminal.js';

const COLOURS = ['auto', 'always', 'never'] as const;

/** Flags of every command. */
export const commonFlags = {
  color: Flags.option({
    options: COLOURS,
    default: 'auto',
    env: 'XOSCHECK_COLOR',
    description: 'colours in the output',
  })(),
  quiet: Flags.boolean({ char: 'q', env: 'XOSCHECK_QUIET', description: 'no progress, no notes on stderr' }),
  verbose: Flags.boolean({ char: 'v', env: 'XOSCHECK_VERBOSE', description: 'show everything that was seen' }),
};

/** `--format` of the commands that have no report of a verdict. */
export const formatFlag = {
  format: Flags.option({
    char: 'f',
    options: ['pretty', 'json'] as const,
    default: 'pretty',
    env: 'XOSCHECK_FORMAT',
    description: 'for people or for machines',
  })(),
};

/** The user's own rules beside the built-in ones. */
export const rulesFlag = {
  rules: Flags.string({ env: 'XOSCHECK_RULES', helpValue: 'DIR', description: 'a folder of further rules' }),
};

/** Flags of the commands that read an image. */
export const imageFlags = {
  platform: Flags.string({
    env: 'XOSCHECK_PLATFORM',
    helpValue: 'OS/ARCH[/VARIANT]',
    description: 'which image of an archive with several; default: the one for the host',
  }),
  'all-platforms': Flags.boolean({ env: 'XOSCHECK_ALL_PLATFORMS', description: 'every image of the archive' }),
  'no-verify': Flags.boolean({ env: 'XOSCHECK_NO_VERIFY', description: 'do not check digests and diff IDs' }),
  jobs: Flags.integer({
    char: 'j',
    min: 1,
    max: 256,
    env: 'XOSCHECK_JOBS',
    helpValue: 'N',
    description: 'layers read at the same time; default: one for each processor, at most 3',
  }),
  'no-cache': Flags.boolean({
    env: 'XOSCHECK_NO_CACHE',
    description: 'do not keep facts of layers, nor use kept ones',
  }),
  limit: Flags.string({
    multiple: true,
    delimiter: ',',
    env: 'XOSCHECK_LIMIT',
    helpValue: 'NAME=VALUE',
    description: `raise or lower what an image may make us do: ${LIMIT_NAMES.join(', ')}`,
  }),
};

/** What oclif reads of an error. */
type Thrown = Error & { oclif?: { exit?: number }; code?: string; showHelp?: boolean };

/** The streams of the process. Only here and in bin/ are they touched. */
export abstract class BaseCommand extends Command {
  /** Anything that is not known to be the user's mistake is a defect of ours (oclif's default would say "fails"). */
  protected override catch(error: Thrown): Promise<unknown> {
    // The whole help after a mistyped flag hides what was wrong with it; the message names `--help`.
    if (error.showHelp === true) error.showHelp = false;
    if (error.code === 'EPIPE') process.exit(EXIT.holds);
    if (!(error instanceof Errors.CLIError)) error.oclif ??= { exit: EXIT.defect };
    return super.catch(error);
  }

  protected style(flags: { readonly color: (typeof COLOURS)[number]; readonly verbose: boolean }): Style {
    return styleFor(flags.color, flags.verbose, terminalOf(process.stdout));
  }

  /** A spinner on a terminal, nothing in a pipe or with CI set. */
  protected progress(flags: { readonly quiet: boolean }): Progress {
    const terminal = terminalOf(process.stderr);
    return new Progress(terminal.isTty && !inCi(terminal) && !flags.quiet);
  }

  /** Prints a result. A reader that went away (`| head`) is no error. */
  protected print(text: string): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.holds);
    });
    process.stdout.write(text);
  }

  protected imageOptions(
    flags: {
      readonly platform: string | undefined;
      readonly 'all-platforms': boolean;
      readonly 'no-verify': boolean;
      readonly limit: string[] | undefined;
      readonly jobs: number | undefined;
      readonly 'no-cache': boolean;
    },
    progress: Progress,
  ): Omit<CheckOptions, 'hosts' | 'rules' | 'ignore'> {
    return {
      platform: flags.platform === undefined ? null : parsePlatform(flags.platform),
      allPlatforms: flags['all-platforms'],
      verify: !flags['no-verify'],
      ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
      cache: !flags['no-cache'],
      limits: limitsFrom(flags.limit ?? []),
      onProgress: (text) => progress.say(text),
      stdin: process.stdin,
    };
  }
}

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return { isTty: stream.isTTY, columns: stream.columns, env: process.env, platform: process.platform };
}
