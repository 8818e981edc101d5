/** Longest version text that is looked at; what is longer is no version. */
const MAX_VERSION_LENGTH = 200;

/** The leading numeric part, behind a prefix of letters: `6.8.0` of `6.8.0-45-generic`, `2.34` of `GLIBC_2.34`. */
const NUMERIC_PART = /^[A-Za-z_]{0,20}[-_ ]?(\d+(?:\.\d+)*)/;

/** Components of the leading numeric part, as digits without leading zeros; null where there is none. */
function components(version: string): readonly string[] | null {
  if (version.length > MAX_VERSION_LENGTH) return null;
  const numeric = NUMERIC_PART.exec(version)?.[1];
  return numeric === undefined ? null : numeric.split('.').map((digits) => digits.replace(/^0+(?=\d)/, ''));
}

/** Digits without leading zeros: the longer number is the greater one, so no size limit is needed. */
function compareDigits(left: string, right: string): number {
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * Compares by numeric components, never as text: negative where `left` is older, 0 where they are the same, positive
 * where it is newer. A missing component counts as 0, so `3.17` is older than `3.17.1` and the same as `3.17.0`.
 * null: one of the two has no numeric part.
 */
export function compareVersions(left: string, right: string): number | null {
  const leftParts = components(left);
  const rightParts = components(right);
  if (leftParts === null || rightParts === null) return null;
  for (let index = 0; index < Math.max(leftParts.length, rightParts.length); index++) {
    const order = compareDigits(leftParts[index] ?? '0', rightParts[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}
