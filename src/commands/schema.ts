import { BaseCommand, commonFlags } from './base.js';
import { reportSchema } from '../report/schema.js';

export default class Schema extends BaseCommand {
  static override summary = 'prints the JSON Schema of --format json';
  static override flags = commonFlags;

  async run(): Promise<void> {
    await this.parse(Schema);
    this.print(`${JSON.stringify(reportSchema, null, 2)}\n`);
  }
}
