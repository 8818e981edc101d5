import type { HostProfile } from '../model/host.js';
import type { Style } from '../model/report.js';
import { visible } from './escape.js';
import { pad, paintFor } from './pretty/paint.js';

/** The profile as a document that `--host FILE` reads back. */
export function profileJson(profile: HostProfile): string {
  return `${JSON.stringify(profile, null, 2)}\n`;
}

/** One line a profile: id, title. */
export function hostTable(profiles: readonly HostProfile[], style: Style): string {
  const paint = paintFor(style);
  const columns = Math.max(...profiles.map(({ id }) => id.length)) + 2;
  const rows = [...profiles].sort((a, b) => (a.id < b.id ? -1 : 1));
  return rows.map(({ id, title }) => `${paint.bold(pad(visible(id), columns))}${visible(title)}\n`).join('');
}

/** Every field that is known, one a line, nested ones by their path; long lists are cut unless verbose. */
export function profileText(profile: HostProfile, style: Style): string {
  const paint = paintFor(style);
  const rows = flatten('', profile).filter(([key]) => !/^(?:id|title|sources|stated)(?:\.|$)/.test(key));
  const columns = Math.max(...rows.map(([key]) => key.length)) + 2;
  const lines = rows.map(([key, value]) => {
    const room = Math.max(20, paint.width - columns - 2);
    const shown = style.verbose || value.length <= room ? value : `${value.slice(0, room - 1)}…`;
    return `  ${paint.dim(pad(key, columns))}${visible(shown)}`;
  });
  return `${[`${paint.bold(visible(profile.title))} ${paint.dim(visible(profile.id))}`, ...lines].join('\n')}\n`;
}

function flatten(prefix: string, value: object): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (Array.isArray(item)) return [[path, listText(item)] as const];
    if (typeof item === 'object' && item !== null) return flatten(path, item);
    return item === undefined
      ? []
      : [[path, item === null ? 'none' : typeof item === 'string' ? item : JSON.stringify(item)] as const];
  });
}

function listText(items: readonly unknown[]): string {
  if (items.length === 0) return 'none';
  return items.map((item) => (typeof item === 'object' && item !== null ? recordText(item) : String(item))).join(', ');
}

/** A record in a list by what names it: an emulator by its machine and kind. */
function recordText(item: object): string {
  const words = Object.values(item).filter((value) => typeof value === 'string' || typeof value === 'number');
  return words.join(' ');
}
