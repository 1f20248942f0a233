import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/servers.ts'],
    setupFiles: ['tests/support/loopback.ts'],
    reporters: ['default', 'tests/support/tally.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    // Loading everything anew for each file took a quarter of the time; no file leaves anything behind in a module.
    isolate: false,
    // Browsers, renderers and killed processes share two cores: what fails once is tried once more, and the report says so.
    retry: 1,
  },
});
