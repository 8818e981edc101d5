import { Args } from '@oclif/core';
import { BaseCommand, commonFlags, formatFlag } from './base.js';
import { hostTable, profileJson, profileText } from '../report/profile.js';

export default class Hosts extends BaseCommand {
  static override summary = 'lists the built-in profiles, or shows one';
  static override examples = ['<%= config.bin %> hosts', '<%= config.bin %> hosts windows-server-2022'];
  static override args = { id: Args.string({ description: 'a profile' }) };
  static override flags = {
    ...formatFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Hosts);
    const { builtInHosts, readHost } = await import('../app/knowledge.js');
    const style = this.style(flags);
    if (args.id !== undefined) {
      const profile = await readHost(args.id);
      this.print(flags.format === 'json' ? profileJson(profile) : profileText(profile, style));
      return;
    }
    const profiles = await builtInHosts();
    this.print(flags.format === 'json' ? `${JSON.stringify(profiles, null, 2)}\n` : hostTable(profiles, style));
  }
}
