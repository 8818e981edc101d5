/** Pairs on which the verdict is not what execution says, and why. Each is a limit that docs/accuracy.md tells. */
export const knownDisagreements: Readonly<Record<string, string>> = {
  'library that the user may not read':
    'permission bits are weighed for what is executed, not yet for the libraries that a loader opens',
  'python -m of a module that is not there':
    'the report says that the module was not found where Python looks, but no finding weighs it: a `.pth` file or an archive may bring it',
};
