import { setFlagsFromString } from 'node:v8';
import { packageVersion } from '../app/package-files.js';
import { withDefaultCommand } from './default.js';

/**
 * V8 compiles a function anew when it has run so long (in bytes of bytecode). A run ends within a second, and most of what
 * is compiled after the usual 132 kB is never paid back: this takes 15 to 20 % of the CPU time of a run away.
 */
const OPTIMISE_LATER = '--interrupt-budget=1000000';

/** V8 11 is that of Node 20. Later ones have a compiler in between, and complain of a flag that they do not have. */
const HAS_BUDGET = process.versions.v8.startsWith('11.');

/**
 * Runs the program. What a call does not need is not loaded: the version needs no command at all, help is made of
 * oclif.manifest.json, and a command loads the use case that it calls.
 */
export async function main(args: readonly string[], dir: string): Promise<void> {
  if (args.length === 1 && args[0] === '--version') {
    process.stdout.write(versionLine());
    return;
  }
  if (HAS_BUDGET) setFlagsFromString(OPTIMISE_LATER);
  const { execute } = await import('./execute.js');
  await execute({ dir, args: withDefaultCommand(args) });
}

/** As oclif writes it. */
function versionLine(): string {
  return `xoscheck/${packageVersion()} ${process.platform}-${process.arch} node-${process.version}\n`;
}
