import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/ci/*.ci.ts'],
    globalSetup: process.env.TEST_STORE === 'postgres' ? 'test/support/postgres-setup.ts' : [],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
