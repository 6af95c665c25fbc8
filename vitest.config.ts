import { defineConfig } from 'vitest/config';

const onPostgres = 'test/**/postgres/**/*.test.ts';
const elsewhere = ['test/long/**', 'test/bench/**', 'node_modules/**'];

export default defineConfig({
  test: {
    // No module keeps state, so files can share them: most of what a file costs is loading what it tests.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'any', include: ['test/**/*.test.ts'], exclude: [...elsewhere, onPostgres] },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [onPostgres],
          exclude: elsewhere,
          globalSetup: 'test/support/postgres-setup.ts',
        },
      },
    ],
  },
});
