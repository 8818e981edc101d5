import type { HostProfile } from '../model/host.js';
import { err, ok, type Result } from '../model/result.js';
import { readDocument, type ProfileError } from './document.js';
import { hostProfile } from './profile-shape.js';
import { fits } from './shape.js';

export type { ProfileError } from './document.js';

/** Reads a host profile (YAML or JSON, keys in kebab-case or camelCase). `file` is only named in errors. */
export function parseProfile(source: string, file: string): Result<HostProfile, ProfileError[]> {
  const read = readDocument(source, file, hostProfile);
  if (!read.ok) return read;
  const { value, errorAt } = read.value;
  if (!fits<HostProfile>(value, hostProfile)) return err([errorAt([], 'is no host profile')]);
  const wrong = checkMeaning(value, errorAt);
  return wrong.length === 0 ? ok(value) : err(wrong);
}

const SYSTEMS: readonly string[] = ['linux', 'windows', 'darwin', 'freebsd'];

/** What the shape cannot say: ranges, and words that other words depend on. */
function checkMeaning(
  profile: HostProfile,
  errorAt: (path: readonly string[], message: string) => ProfileError,
): ProfileError[] {
  const errors: ProfileError[] = [];
  const expectThat = (holds: boolean, path: readonly string[], message: string): void => {
    if (!holds) errors.push(errorAt(path, message));
  };
  const pageSize = profile.pageSizeBytes ?? 4096;
  const level = profile.cpu?.x86Level ?? 1;
  expectThat(
    /^[a-z0-9][a-z0-9._-]*$/.test(profile.id),
    ['id'],
    `\`${profile.id}\` has other characters than a-z, 0-9, . _ -`,
  );
  expectThat(SYSTEMS.includes(profile.os), ['os'], `expected one of ${SYSTEMS.map((os) => `\`${os}\``).join(', ')}`);
  expectThat([1, 2, 3, 4].includes(level), ['cpu'], `x86-level ${level} does not exist; levels are 1 to 4`);
  expectThat(
    Number.isInteger(Math.log2(pageSize)) && pageSize >= 4096,
    [],
    `page-size-bytes ${pageSize} is no power of two from 4096 on`,
  );
  return errors;
}
