import { packageVersion } from '../app/package-files.js';
import { withDefaultCommand } from './default.js';

/**
 * Runs the program. What a call does not need is not loaded: the version needs no command at all, help is made of
 * oclif.manifest.json, and a command loads the use case that it calls.
 */
export async function main(args: readonly string[], dir: string): Promise<void> {
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(versionLine());
    return;
  }
  const { execute } = await import('./execute.js');
  await execute({ dir, args: withDefaultCommand(args) });
}

/** As oclif writes it. */
function versionLine(): string {
  return `xoscheck/${packageVersion()} ${process.platform}-${process.arch} node-${process.version}\n`;
}
