import type { Image } from '../model/image.js';
import type { Rootfs } from '../model/rootfs.js';
import type { StartPath } from '../model/start.js';
import { slashed } from '../resolve/windows.js';
import { environmentOf, type Environment } from './environment.js';
import { execute } from './execute.js';
import { known } from './request.js';
import { resolveUser, type StartUser } from './user.js';
import { note, startWalk } from './walk.js';
import { splitCommandLine } from './windows.js';

/** Follows what starting the image executes: from ENTRYPOINT and CMD to the last program that can be told. */
export function followStart(image: Image, rootfs: Rootfs): StartPath {
  const windows = !rootfs.caseSensitive;
  const { argv, form } = commandOf(image, windows);
  const user = windows ? windowsUser(image.config.user) : resolveUser(image.config.user, rootfs);
  const environment = withHome(environmentOf(image.config.env, windows), user, windows);
  const written = image.config.workingDir;
  const workingDir = written === '' ? '/' : windows ? slashed(written) : written;
  const walk = startWalk(image, rootfs);
  if (user.problem !== null) note(walk, '/etc/passwd', user.problem);
  if (argv.length > 0) {
    execute(walk, {
      argv: argv.map(known),
      executedAs: form === 'shell' ? 'shell' : 'entrypoint',
      from: null,
      certainty: 'certain',
      environment,
      workingDir,
      user,
      namedAt: null,
      scriptDepth: 0,
      chain: 0,
    });
  }
  return {
    argv,
    form,
    workingDir: written === '' ? null : rootfs.lookup(workingDir),
    user: { written: user.written, uid: user.uid, gids: user.gids },
    environment,
    programs: walk.programs,
    files: walk.files,
    notFollowed: walk.notFollowed,
  };
}

interface CommandLine {
  readonly argv: readonly string[];
  readonly form: StartPath['form'];
}

/** ENTRYPOINT with CMD behind it. The shell form arrives as the shell's own words (Dockerfile reference, "SHELL"). */
function commandOf({ config }: Image, windows: boolean): CommandLine {
  const joined = [...config.entrypoint, ...config.cmd];
  const argv = config.argsEscaped && windows ? joined.flatMap((line) => splitCommandLine(line)) : joined;
  if (argv.length === 0) return { argv, form: 'none' };
  return { argv, form: isShellForm(argv, config.shell, windows) ? 'shell' : 'exec' };
}

function isShellForm(argv: readonly string[], shell: readonly string[] | null, windows: boolean): boolean {
  const fallback = windows ? ['cmd', '/S', '/C'] : ['/bin/sh', '-c'];
  return [shell ?? fallback, fallback].some(
    (words) => words.length > 0 && words.every((word, index) => argv[index]?.toLowerCase() === word.toLowerCase()),
  );
}

function windowsUser(written: string): StartUser {
  return { written, uid: null, gids: [], problem: null, home: null };
}

/** The engines set HOME where the image does not (moby/sys user; runc, init_linux.go, `setupUser`). */
function withHome(environment: Environment, user: StartUser, windows: boolean): Environment {
  if (windows || environment['HOME'] !== undefined) return environment;
  return { ...environment, HOME: user.home ?? '/' };
}
