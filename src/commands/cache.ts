import { Args } from '@oclif/core';
import { BaseCommand, commonFlags, formatFlag } from './base.js';

export default class Cache extends BaseCommand {
  static override summary = 'shows where facts of layers are kept, or empties it';
  static override description =
    'What was found in a layer is kept by the digest of its content, so that an image that was seen before, or shares ' +
    'layers with one, is not read again. XOSCHECK_CACHE_DIR names another folder, --no-cache does without.';
  static override examples = ['<%= config.bin %> cache', '<%= config.bin %> cache clean'];
  static override args = {
    action: Args.string({ options: ['show', 'clean'], default: 'show', description: 'what to do' }),
  };
  static override flags = {
    ...formatFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cache);
    const { cacheUsage } = await import('../app/cache.js');
    const clean = args.action === 'clean';
    const usage = cacheUsage(clean);
    if (flags.format === 'json') this.print(`${JSON.stringify(usage, null, 2)}\n`);
    else if (usage === null) this.print('There is no place for a cache: set XOSCHECK_CACHE_DIR to a folder.\n');
    else this.print(`${usage.path}: ${usage.entries} entries, ${size(usage.bytes)}${clean ? ', deleted' : ''}\n`);
  }
}

function size(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
