import { defineConfig } from 'vitest/config';

/** What compares with the tools and loaders of a Debian machine; test/conformance/README.md says what they need. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.conformance.ts'],
    globalSetup: ['test/conformance/support/setup.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    disableConsoleIntercept: true,
    fileParallelism: false,
  },
});
