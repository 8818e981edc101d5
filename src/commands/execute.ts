/** oclif on its own, so that `main` can load it only where a command is run. */
export { execute } from '@oclif/core';
