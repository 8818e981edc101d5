import type { KernelFloor, KernelNeeds, SystemCallUseKind } from '../model/kernel-needs.js';
import { visible } from './escape.js';
import { wrap, type Paint } from './pretty/paint.js';

/** The part `kernelNeeds` of both JSON documents (docs/json.md). */
export function kernelNeedsOf(needs: KernelNeeds | null): object | null {
  if (needs === null) return null;
  const { machine, minimum, setBy, systemCalls, complete, notFollowed } = needs;
  return {
    machine,
    minimum,
    setBy,
    systemCalls: systemCalls.map(({ name, number, use, since, sites }) => ({
      name,
      number,
      use,
      since,
      paths: [...new Set(sites.map(({ path }) => path))],
      sites,
    })),
    complete,
    notFollowed,
  };
}

/** Places that are listed before the rest is counted. */
const SHOWN = 3;

/** Lines for people: the oldest kernel with what sets it, how many calls, and what was not followed. */
export function kernelLines(needs: KernelNeeds | null, paint: Paint, verbose: boolean): readonly string[] {
  if (needs === null) return [];
  const { setBy, systemCalls, notFollowed } = needs;
  const count = (use: SystemCallUseKind): number => systemCalls.filter((call) => call.use === use).length;
  const kinds = [
    `${count('needed')} needed`,
    `${count('fallback')} with something to fall back on`,
    `${count('unknown')} only behind pointers`,
  ];
  const shown = verbose ? notFollowed : notFollowed.slice(0, SHOWN);
  const rest = notFollowed.length - shown.length;
  return [
    ...(setBy === null ? [] : floorLines(setBy, paint)),
    ...wrap(`${systemCalls.length} system calls at most: ${kinds.join(', ')}`, '  ', paint),
    ...(verbose ? wrap(systemCalls.map(({ name }) => name).join(' '), '    ', paint) : []),
    ...shown.flatMap(({ path, text }) => wrap(`not followed: ${visible(path)}: ${visible(text)}`, '    ', paint)),
    ...(rest > 0 ? [paint.dim(`    and ${rest} more (--verbose)`)] : []),
  ];
}

function floorLines({ kind, name, version, path, offset }: KernelFloor, paint: Paint): readonly string[] {
  const why = { 'system-call': `for ${name}`, 'abi-note': `for which ${name} was built`, runtime: `for ${name}` }[kind];
  const place = [...(path === null ? [] : [visible(path)]), ...(offset === null ? [] : [`offset ${offset}`])];
  return [...wrap(`Linux ${version} or newer, ${visible(why)}`, '  ', paint), paint.dim(`    ${place.join(', ')}`)];
}
