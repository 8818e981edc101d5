import { defineConfig } from 'vitest/config';

/** What runs on a machine that has only Node; the rest is in vitest.conformance.config.ts. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { shuffle: true },
    testTimeout: 60_000,
    disableConsoleIntercept: true,
    coverage: { include: ['src/**'] },
  },
});
