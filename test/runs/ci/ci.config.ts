import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/runs/ci/*.ci.ts'],
    globalSetup: process.env.TEST_STORE === 'postgres' ? 'test/support/postgres/postgres-setup.ts' : [],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
