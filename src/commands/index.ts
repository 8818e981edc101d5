import Cache from './cache.js';
import Check from './check.js';
import Host from './host.js';
import Hosts from './hosts.js';
import Inspect from './inspect.js';
import Requires from './requires.js';
import Rules from './rules.js';
import Schema from './schema.js';

/** Every command by its name; oclif reads this table (package.json, `oclif.commands`). */
export const COMMANDS = {
  check: Check,
  inspect: Inspect,
  requires: Requires,
  host: Host,
  hosts: Hosts,
  rules: Rules,
  schema: Schema,
  cache: Cache,
};
