import { Args } from '@oclif/core';
import { BaseCommand, commonFlags, formatFlag, rulesFlag } from './base.js';
import { rulePage, ruleTable } from '../report/rule-page.js';

export default class Rules extends BaseCommand {
  static override summary = 'lists the rules; with an ID, the long explanation';
  static override examples = ['<%= config.bin %> rules', '<%= config.bin %> rules interpreter-missing'];
  static override args = { id: Args.string({ description: 'a rule' }) };
  static override flags = {
    ...formatFlag,
    ...rulesFlag,
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rules);
    const { ruleDocuments } = await import('../app/rules.js');
    const rules = await ruleDocuments(args.id ?? null, flags.rules ?? null);
    const style = this.style(flags);
    if (flags.format === 'json') this.print(`${JSON.stringify(rules, null, 2)}\n`);
    else if (args.id === undefined) this.print(ruleTable(rules, style));
    else this.print(rules.map((rule) => rulePage(rule, style)).join('\n'));
  }
}
