import { XosError } from '../model/error.js';
import type { HostProfile } from '../model/host.js';
import type { RouteDefinition } from '../route/definition.js';
import { unpackRules } from '../rules/compiled.js';
import type { Rule } from '../rules/rule.js';
import { describeRuleError } from '../rules/rule.js';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { builtData } from './built-data.js';
import type { DataFile } from './package-files.js';
import { hostFiles, routeFiles, ruleFiles, yamlFiles } from './package-files.js';

export { readKnowledge } from './knowledge-files.js';

/** Errors of one kind of file that a message lists before it counts the rest. */
const SHOWN_ERRORS = 5;

/** The built-in rules and, with `--rules DIR`, the user's own: a folder of areas, or of rule files. */
export async function readRules(ownFolder: string | null): Promise<readonly Rule[]> {
  const built = ownFolder === null ? builtData('rules') : null;
  return built === null ? parseRules(ownFolder) : unpackRules(built);
}

/** Reads the YAML files. What reads YAML is loaded only here: it costs more than reading a small image. */
async function parseRules(ownFolder: string | null): Promise<readonly Rule[]> {
  const [{ loadRules }, { catalog }] = await Promise.all([import('../rules/load.js'), import('../facts/catalog.js')]);
  const own = ownFolder === null ? [] : userRuleFiles(ownFolder);
  const { rules, errors } = loadRules([...ruleFiles(), ...own], catalog);
  if (errors.length > 0) {
    throw new XosError('XOS_RULE_DAMAGED', listed(errors.map(describeRuleError)), {
      suggestions: ['Correct the rule file; rules/README.md describes its shape.'],
    });
  }
  return rules;
}

function listed(errors: readonly string[]): string {
  const rest = errors.length - SHOWN_ERRORS;
  return [...errors.slice(0, SHOWN_ERRORS), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

function userRuleFiles(folder: string): readonly DataFile[] {
  try {
    const base = resolve(folder);
    const areas = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...yamlFiles(base, join(base, '..')), ...areas.flatMap(({ name }) => yamlFiles(join(base, name), base))];
  } catch (cause) {
    throw new XosError('XOS_USAGE', `\`${folder}\` is not a readable folder of rules.`, {
      suggestions: ['Give --rules a folder that holds <area>/<id>.yaml.'],
      cause,
    });
  }
}

export async function readRoutes(): Promise<readonly RouteDefinition[]> {
  const built = builtData('routes');
  return built === null ? parseRoutes() : unpacked(built, isRoutes);
}

async function parseRoutes(): Promise<readonly RouteDefinition[]> {
  const { loadRoutes } = await import('../route/parse.js');
  const routes = loadRoutes(routeFiles());
  if (!routes.ok) throw new Error(`built-in routes do not load: ${JSON.stringify(routes.error)}`);
  return routes.value;
}

/** What the build wrote is trusted: the predicates only name it, and a test compares it with the YAML. */
function unpacked<T>(text: string, is: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (is(value)) return value;
  throw new Error('the built data are not what was expected: build again');
}

function isRoutes(value: unknown): value is readonly RouteDefinition[] {
  return Array.isArray(value);
}

function isProfiles(value: unknown): value is readonly HostProfile[] {
  return Array.isArray(value);
}

/** Every built-in profile, sorted by the name of its file, which is its id. */
export async function builtInHosts(): Promise<readonly HostProfile[]> {
  const built = builtData('hosts');
  return built === null ? Promise.all(hostFiles().map((file) => profileOf(file))) : unpacked(built, isProfiles);
}

/** `--host ID|FILE`: a built-in profile by its id, else a file; without one, this machine. */
export async function readHost(word: string | null): Promise<HostProfile> {
  if (word === null) return thisMachine();
  const builtIn = (await builtInHosts()).find(({ id }) => id === word);
  return builtIn ?? profileOf({ path: word, text: profileText(word) });
}

async function thisMachine(): Promise<HostProfile> {
  const [{ detectHost }, { systemIo }] = await Promise.all([
    import('../host/detect/index.js'),
    import('../host/detect/system-io.js'),
  ]);
  return detectHost(systemIo());
}

/** A profile is small; anything larger was not meant. */
const MAX_PROFILE_BYTES = 1024 * 1024;

function profileText(path: string): string {
  const known = `Built-in profiles: ${hostFiles()
    .map((file) => idOf(file))
    .join(', ')}.`;
  try {
    const { size } = statSync(path);
    if (size <= MAX_PROFILE_BYTES) return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new XosError('XOS_NO_SUCH_HOST', `\`${path}\` is neither a built-in profile nor a readable file.`, {
      suggestions: [known, 'Write one with: xoscheck host --format json > host.json'],
      cause,
    });
  }
  throw new XosError(
    'XOS_NO_SUCH_HOST',
    `\`${path}\` has more than ${MAX_PROFILE_BYTES} bytes, too many for a profile.`,
    {
      suggestions: [known],
    },
  );
}

export function idOf({ path }: DataFile): string {
  return path.replace(/^.*\//, '').replace(/\.yaml$/, '');
}

async function profileOf(file: DataFile): Promise<HostProfile> {
  const { parseProfile } = await import('../host/profile.js');
  const parsed = parseProfile(file.text, file.path);
  if (parsed.ok) return parsed.value;
  const errors = parsed.error.map(({ line, column, message }) => `${file.path}:${line}:${column}: ${message}`);
  throw new XosError('XOS_PROFILE_DAMAGED', listed(errors), {
    suggestions: ['`xoscheck hosts ID --format json` shows a whole profile.'],
  });
}
