import { Args } from '@oclif/core';
import { BaseCommand, commonFlags, formatFlag, imageFlags } from './base.js';
import { inspectionJson, inspectionText } from '../report/inspection.js';

export default class Inspect extends BaseCommand {
  static override summary = 'shows what was seen in an image, or in one of its files, without a judgement';
  static override examples = [
    '<%= config.bin %> inspect image.tar',
    '<%= config.bin %> inspect image.tar /usr/bin/node',
  ];
  static override args = {
    image: Args.string({ required: true, description: 'the image' }),
    path: Args.string({ description: 'a file of the image' }),
  };
  static override flags = {
    ...imageFlags,
    ...formatFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Inspect);
    const progress = this.progress(flags);
    try {
      const { inspect } = await import('../app/inspect.js');
      const found = await inspect(args.image, args.path ?? null, this.imageOptions(flags, progress));
      progress.stop();
      this.print(flags.format === 'json' ? inspectionJson(found) : inspectionText(found, this.style(flags)));
    } finally {
      progress.stop();
    }
  }
}
