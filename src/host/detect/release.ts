/** Compares kernel releases by their leading numbers: `3.10.0-1160.el7.x86_64` is 3.10.0. */
export function compareReleases(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const numbersOf = (release: string): readonly number[] =>
  (/^\d{1,9}(?:\.\d{1,9})*/.exec(release)?.[0] ?? '').split('.').map(Number);
