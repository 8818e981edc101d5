import { optionValue, splitOptions, type Arguments, type OptionRules } from './options.js';
import { known, type Next } from './request.js';
import type { Field } from './shell/scope.js';

/** A program that executes the rest of its arguments. */
interface Wrapper {
  readonly names: readonly string[];
  readonly rules: OptionRules;
  /** Words between the options and the command: a user, a duration, a lock file. */
  readonly skip?: number;
  /** Which of the skipped words, or which options, name the user that the rest runs as. */
  readonly user?: { readonly word: number } | { readonly options: readonly string[] };
  /** `NAME=value` in front of the command. */
  readonly assignments?: boolean;
  /** Starts the rest beside itself, and not in its place. */
  readonly beside?: boolean;
}

const NO_OPTIONS: OptionRules = { valued: [] };

const WRAPPERS: readonly Wrapper[] = [
  { names: ['tini', 'tini-static', 'docker-init', 'catatonit', 'pid1', 'my_init'], rules: { valued: ['-e', '-p'] } },
  { names: ['dumb-init'], rules: { valued: ['-r', '--rewrite'] } },
  { names: ['su-exec', 'gosu', 's6-setuidgid', 'chpst-u', 'setuidgid'], rules: NO_OPTIONS, skip: 1, user: { word: 0 } },
  {
    names: ['setpriv'],
    rules: {
      valued: [
        '--reuid',
        '--regid',
        '--groups',
        '--ruid',
        '--euid',
        '--rgid',
        '--egid',
        '--inh-caps',
        '--ambient-caps',
        '--bounding-set',
        '--securebits',
        '--pdeathsig',
        '--selinux-label',
        '--apparmor-profile',
      ],
    },
    user: { options: ['--reuid', '--euid'] },
  },
  { names: ['nice'], rules: { valued: ['-n', '--adjustment'] } },
  { names: ['ionice'], rules: { valued: ['-c', '--class', '-n', '--classdata'] } },
  { names: ['chrt', 'taskset'], rules: { valued: ['-T', '-P', '-D'] }, skip: 1 },
  { names: ['numactl'], rules: { valued: ['-i', '-m', '-N', '-C', '-p'] } },
  { names: ['timeout'], rules: { valued: ['-s', '--signal', '-k', '--kill-after'] }, skip: 1 },
  { names: ['nohup', 'setsid', 'eatmydata', 'catchsegv', 'chronic', 'unbuffer', 'setarch-R'], rules: NO_OPTIONS },
  { names: ['stdbuf'], rules: { valued: ['-i', '-o', '-e', '--input', '--output', '--error'] } },
  { names: ['time'], rules: { valued: ['-f', '-o', '--format', '--output'] } },
  {
    names: ['sudo', 'doas'],
    rules: { valued: ['-u', '--user', '-g', '--group', '-C', '-D', '-h', '-p', '-R', '-T', '-U'] },
    user: { options: ['-u', '--user'] },
    assignments: true,
  },
  {
    names: ['runuser'],
    rules: { valued: ['-u', '--user', '-g', '--group', '-G'] },
    user: { options: ['-u', '--user'] },
  },
  { names: ['chroot'], rules: { valued: ['--userspec', '--groups'] }, skip: 1 },
  { names: ['s6-envdir', 's6-envuidgid', 'envdir', 'envuidgid', 'softlimit'], rules: NO_OPTIONS, skip: 1 },
  { names: ['s6-applyuidgid'], rules: { valued: ['-u', '-g', '-G'] }, user: { options: ['-u'] } },
  { names: ['chpst'], rules: { valued: ['-u', '-U', '-b', '-e', '-n', '-l', '-m'] }, user: { options: ['-u'] } },
  { names: ['with-contenv', 'fdmove', 's6-notifyoncheck', 'exec'], rules: NO_OPTIONS },
  { names: ['xvfb-run'], rules: { valued: ['-e', '-f', '-n', '-p', '-s', '-w', '--server-args', '--server-num'] } },
  { names: ['dbus-run-session', 'dbus-launch'], rules: { valued: ['--config-file', '--dbus-daemon'] } },
  { names: ['strace', 'ltrace'], rules: { valued: ['-e', '-o', '-p', '-s', '-S', '-E', '-u'] } },
  { names: ['flock'], rules: { valued: ['-w', '--timeout', '-E'] }, skip: 1 },
  {
    names: ['wait-for-it', 'wait-for-it.sh', 'wait-for', 'dockerize'],
    rules: { valued: ['-t', '-h', '-p'] },
    beside: true,
  },
  { names: ['wine', 'wine64'], rules: NO_OPTIONS },
  { names: ['opentelemetry-instrument', 'ddtrace-run', 'newrelic-admin-run', 'chamber-exec'], rules: { valued: [] } },
  { names: ['ld.so', 'gcompat'], rules: { valued: ['--library-path', '--preload', '--argv0'] } },
];

const BY_NAME: ReadonlyMap<string, Wrapper> = new Map(
  WRAPPERS.flatMap((wrapper) => wrapper.names.map((name) => [name, wrapper] as const)),
);

/** `NAME=value` */
const ASSIGNMENT = /^([A-Za-z_]\w*)=([^]*)$/;

/** What a wrapper executes; null where the program is none. */
export function wrappedBy(
  name: string,
  args: readonly Field[],
  environment: Readonly<Record<string, string>>,
): Next | null {
  if (name === 'env') return wrappedByEnv(args, environment);
  if (name === 'su') return wrappedBySu(args);
  const wrapper = BY_NAME.get(name);
  if (wrapper === undefined) return null;
  const split = splitOptions(args, wrapper.rules);
  const skipped = split.rest.slice(0, wrapper.skip ?? 0);
  const behind = split.rest.slice(skipped.length);
  const words = behind[0]?.text === '--' ? behind.slice(1) : behind;
  const { assigned, rest } = wrapper.assignments === true ? leadingAssignments(words) : { assigned: {}, rest: words };
  if (rest.length === 0) return null;
  const user = userOf(wrapper, split.options, skipped);
  return {
    kind: 'run',
    argv: rest,
    environment: { ...environment, ...assigned },
    ...(user === null ? {} : { user }),
  };
}

interface Assigned {
  readonly assigned: Readonly<Record<string, string>>;
  readonly rest: readonly Field[];
}

/** `NAME=value` words in front of a command. */
function leadingAssignments(words: readonly Field[]): Assigned {
  const assigned: Record<string, string> = {};
  for (const [index, { text }] of words.entries()) {
    const [, name, value] = ASSIGNMENT.exec(text) ?? [];
    if (name === undefined || value === undefined) return { assigned, rest: words.slice(index) };
    assigned[name] = value;
  }
  return { assigned, rest: [] };
}

function userOf(
  { user }: Wrapper,
  options: readonly { readonly name: string; readonly value: Field | null }[],
  skipped: readonly Field[],
): string | null {
  if (user === undefined) return null;
  const field = 'word' in user ? skipped[user.word] : options.find(({ name }) => user.options.includes(name))?.value;
  return field?.known === true ? field.text : null;
}

const ENV_RULES: OptionRules = { valued: ['-u', '--unset', '-C', '--chdir', '-S', '--split-string'] };

/** env(1): assignments, `-i`, `-u`, `-C`; `-S` splits one word into several, as a `#!` line needs it. */
function wrappedByEnv(args: readonly Field[], environment: Readonly<Record<string, string>>): Next | null {
  const split = splitOptions(args, ENV_RULES);
  const text = optionValue(split, '-S', '--split-string');
  if (text !== null) return wrappedByEnv([...splitString(text.text), ...split.rest], environment);
  const dash = split.rest[0]?.text === '-';
  const { assigned, rest } = leadingAssignments(dash ? split.rest.slice(1) : split.rest);
  if (rest.length === 0) return null;
  const emptied = dash || split.options.some(({ name }) => name === '-i' || name === '--ignore-environment');
  const directory = optionValue(split, '-C', '--chdir');
  return {
    kind: 'run',
    argv: rest,
    environment: { ...(emptied ? {} : withoutUnset(environment, split)), ...assigned },
    ...(directory?.known === true ? { workingDir: directory.text } : {}),
  };
}

function withoutUnset(environment: Readonly<Record<string, string>>, { options }: Arguments): Record<string, string> {
  const unset = options.flatMap(({ name, value }) =>
    ['-u', '--unset'].includes(name) && value !== null ? [value.text] : [],
  );
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !unset.includes(name)));
}

/** Blanks separate, quotes group (env(1), "-S/--split-string usage in scripts"). */
function splitString(text: string): readonly Field[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => known(word.replace(/["']/g, '')));
}

/** su(1): `su USER -c 'command'`, `su - USER -s /bin/sh -c …`. */
function wrappedBySu(args: readonly Field[]): Next | null {
  const words = args.filter(({ text }) => text !== '-' && text !== '-l' && text !== '--login');
  const commandAt = words.findIndex(({ text }) => text === '-c' || text === '--command');
  const command = words[commandAt + 1];
  if (commandAt < 0 || command === undefined) return null;
  const shellAt = words.findIndex(({ text }) => text === '-s' || text === '--shell');
  const shell = shellAt < 0 ? known('/bin/sh') : (words[shellAt + 1] ?? known('/bin/sh'));
  const taken = new Set([commandAt, commandAt + 1, ...(shellAt < 0 ? [] : [shellAt, shellAt + 1])]);
  const user = words.find(({ text }, index) => !taken.has(index) && !text.startsWith('-'));
  return { kind: 'run', argv: [shell, known('-c'), command], ...(user?.known === true ? { user: user.text } : {}) };
}
