import { Args, Flags } from '@oclif/core';
import { BaseCommand, commonFlags } from './base.js';
import { readRules } from '../app/knowledge.js';
import { XosError } from '../model/error.js';
import { rulePage, ruleTable } from '../report/rule-page.js';
import { ruleDocument } from '../rules/document.js';

export default class Rules extends BaseCommand {
  static override summary = 'lists the rules; with an ID, the long explanation';
  static override examples = ['<%= config.bin %> rules', '<%= config.bin %> rules interpreter-missing'];
  static override args = { id: Args.string({ description: 'a rule' }) };
  static override flags = {
    format: Flags.option({
      char: 'f',
      options: ['pretty', 'json'] as const,
      default: 'pretty',
      env: 'XOSCHECK_FORMAT',
    })(),
    rules: Flags.string({ env: 'XOSCHECK_RULES', helpValue: 'DIR', description: 'a folder of further rules' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rules);
    const rules = readRules(flags.rules ?? null).map(ruleDocument);
    const chosen = args.id === undefined ? rules : rules.filter(({ id }) => id === args.id);
    if (chosen.length === 0) {
      throw new XosError('XOS_NO_SUCH_RULE', `There is no rule \`${args.id ?? ''}\`.`, {
        suggestions: ['`xoscheck rules` lists them.'],
      });
    }
    const style = this.style(flags);
    if (flags.format === 'json') this.print(`${JSON.stringify(chosen, null, 2)}\n`);
    else
      this.print(
        args.id === undefined ? ruleTable(chosen, style) : chosen.map((rule) => rulePage(rule, style)).join('\n'),
      );
  }
}
