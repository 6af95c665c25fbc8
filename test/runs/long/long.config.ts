import { defineConfig } from 'vitest/config';

const onPostgres = 'test/**/postgres/**/*.loop.test.ts';

export default defineConfig({
  test: {
    env: { TEST_SIZE: 'full' },
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 3_600_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'any', include: ['test/**/*.loop.test.ts'], exclude: ['node_modules/**', onPostgres] },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [onPostgres],
          globalSetup: 'test/support/postgres/postgres-setup.ts',
        },
      },
    ],
  },
});
