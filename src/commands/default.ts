/** Names of the commands, so that none has to be loaded to tell a command from an image. */
export const COMMAND_NAMES: ReadonlySet<string> = new Set([
  'check',
  'inspect',
  'requires',
  'host',
  'hosts',
  'rules',
  'schema',
  'cache',
]);

/** Words that oclif answers itself. */
const OWN = new Set(['help', '--help', '-h', '--version', '-V', 'autocomplete', 'version']);

/** `xoscheck image.tar` is `xoscheck check image.tar`: the main job needs no word of its own. */
export function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  if (first === undefined || OWN.has(first) || COMMAND_NAMES.has(first)) return [...args];
  return ['check', ...args];
}
