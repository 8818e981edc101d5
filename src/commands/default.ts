import { COMMANDS } from './index.js';

/** Words that oclif answers itself. */
const OWN = new Set(['help', '--help', '-h', '--version', '-V', 'autocomplete', 'version']);

/** `xoscheck image.tar` is `xoscheck check image.tar`: the main job needs no word of its own. */
export function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  if (first === undefined || OWN.has(first) || Object.hasOwn(COMMANDS, first)) return [...args];
  return ['check', ...args];
}
