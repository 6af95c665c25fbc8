import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/runs/bench/**/*.bench.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
