import { BaseCommand, commonFlags, formatFlag } from './base.js';
import { profileJson, profileText } from '../report/profile.js';

export default class Host extends BaseCommand {
  static override summary = 'shows this machine as a profile: save it, send it, check against it';
  static override examples = ['<%= config.bin %> host', '<%= config.bin %> host --format json > here.json'];
  static override flags = {
    ...formatFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Host);
    const { readHost } = await import('../app/knowledge.js');
    const profile = await readHost(null);
    this.print(flags.format === 'json' ? profileJson(profile) : profileText(profile, this.style(flags)));
  }
}
