import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags, imageFlags, rulesFlag } from './base.js';
import { deliver, targetsOf } from '../app/output.js';
import { reporters } from '../report/index.js';
import { exitCodeFor, FAIL_ON } from '../verdict/gate.js';

export default class Check extends BaseCommand {
  static override summary = 'says whether an image runs on a host, why, and what to do (the default command)';
  static override description =
    'IMAGE is a path (docker-archive, OCI layout, root filesystem or a single binary, told apart by content), ' +
    'a reference with a transport (docker-archive:, oci:, oci-archive:, dir:, rootfs:, file:), or - for stdin.';
  static override examples = [
    '<%= config.bin %> image.tar',
    '<%= config.bin %> image.tar --host windows-server-2022 --host linux-arm64',
    'docker save app | <%= config.bin %> - --format json',
  ];
  static override args = { image: Args.string({ required: true, description: 'the image' }) };
  static override flags = {
    host: Flags.string({
      multiple: true,
      env: 'XOSCHECK_HOST',
      helpValue: 'ID|FILE',
      description: 'a built-in profile or a profile file; default: this machine; several make a matrix',
    }),
    ...imageFlags,
    format: Flags.string({
      char: 'f',
      options: reporters.map(({ id }) => id),
      default: 'pretty',
      env: 'XOSCHECK_FORMAT',
      description: reporters.map(({ id, summary }) => `${id}: ${summary}`).join('; '),
    }),
    output: Flags.string({
      char: 'o',
      multiple: true,
      env: 'XOSCHECK_OUTPUT',
      helpValue: '[FORMAT=]FILE',
      description: 'write to a file instead of stdout; may be given several times',
    }),
    'fail-on': Flags.option({
      options: FAIL_ON,
      default: 'not-ready',
      env: 'XOSCHECK_FAIL_ON',
      description: 'where the gate closes; each level includes the ones before it',
    })(),
    'allow-unknown': Flags.boolean({
      env: 'XOSCHECK_ALLOW_UNKNOWN',
      description: 'let an undetermined image pass',
    }),
    ignore: Flags.string({
      multiple: true,
      env: 'XOSCHECK_IGNORE',
      helpValue: 'RULE',
      description: 'do not judge a rule',
    }),
    ...rulesFlag,
    json: Flags.boolean({ description: 'the same as --format json' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Check);
    const targets = targetsOf(flags.json ? 'json' : flags.format, flags.output ?? [], reporters);
    const progress = this.progress(flags);
    try {
      const { check } = await import('../app/check.js');
      const report = await check(args.image, {
        ...this.imageOptions(flags, progress),
        hosts: flags.host ?? [],
        rules: flags.rules ?? null,
        ignore: flags.ignore ?? [],
      });
      progress.stop();
      this.print(deliver(report, targets, reporters, this.style(flags)));
      process.exitCode = exitCodeFor(
        report.results.map(({ judged }) => judged.verdict),
        flags['fail-on'],
        flags['allow-unknown'],
      );
    } finally {
      progress.stop();
    }
  }
}
