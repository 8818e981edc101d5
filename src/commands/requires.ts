import { Args, Flags } from '@oclif/core';
import type { ImageRequirements, Style } from '../model/report.js';
import { nfdSpecification } from '../report/nfd.js';
import { requirementsJson, requirementsText } from '../report/requirements.js';
import { seccompProfile } from '../report/seccomp.js';
import { BaseCommand, commonFlags, imageFlags, rulesFlag } from './base.js';

const FORMATS = {
  pretty: requirementsText,
  json: requirementsJson,
  seccomp: seccompProfile,
  nfd: nfdSpecification,
} as const satisfies Record<string, (found: ImageRequirements, style: Style) => string>;

export default class Requires extends BaseCommand {
  static override summary = 'says what an image asks of any machine: kernel, CPU, libraries, Windows build';
  static override examples = [
    '<%= config.bin %> requires image.tar',
    '<%= config.bin %> requires image.tar --format json',
    '<%= config.bin %> requires image.tar --format seccomp > profile.json',
  ];
  static override args = { image: Args.string({ required: true, description: 'the image' }) };
  static override flags = {
    ...imageFlags,
    format: Flags.option({
      char: 'f',
      options: ['pretty', 'json', 'seccomp', 'nfd'] as const,
      default: 'pretty',
      env: 'XOSCHECK_FORMAT',
      description:
        'for people, for machines, as a minimal seccomp profile, as a specification for Node Feature Discovery',
    })(),
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
      this.print(FORMATS[flags.format](found, this.style(flags)));
    } finally {
      progress.stop();
    }
  }
}
