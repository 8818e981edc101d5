/** Pairs on which the verdict is not what execution says, and why. Each is a limit that docs/accuracy.md tells. */
export const knownDisagreements: Readonly<Record<string, string>> = {};
