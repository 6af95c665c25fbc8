import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.loop.test.ts'],
    env: { TEST_SIZE: 'full' },
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
