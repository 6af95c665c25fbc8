import { defineConfig } from 'vitest/config';

const store = process.env.TEST_STORE || 'files';
if (!['files', 'postgres'].includes(store)) throw new Error('TEST_STORE is files or postgres.');

/** What is about the store on files, or the one in memory, and says nothing of PostgreSQL. */
const aboutFiles = [
  'test/storage/json/**',
  'test/storage/model/**',
  'test/cli/data-folder-lock.test.ts',
  'test/end-to-end/dev-run.test.ts',
];

const needsPostgres = 'test/**/postgres/**/*.test.ts';
const elsewhere = ['test/runs/**', 'node_modules/**'];
// What is given to --exclude does not reach the projects.
if (process.env.TEST_LOOPS === 'none') elsewhere.push('test/**/*.loop.test.ts');
const setup = 'test/support/postgres/postgres-setup.ts';
const shared = {
  // No module keeps state, so files can share them: most of what a file costs is loading what it tests.
  isolate: false,
  testTimeout: 180_000,
  hookTimeout: 120_000,
  // A test has one limit, its own: what it waits for comes when it comes.
  expect: { poll: { timeout: 180_000 } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    // For all at once when all need it.
    globalSetup: store === 'postgres' ? setup : [],
    projects: [
      {
        test: {
          ...shared,
          name: store,
          include: ['test/**/*.test.ts'],
          exclude: [...elsewhere, needsPostgres, ...(store === 'postgres' ? aboutFiles : [])],
        },
      },
      {
        test: {
          ...shared,
          name: 'several processes',
          include: [needsPostgres],
          exclude: elsewhere,
          globalSetup: store === 'postgres' ? [] : setup,
        },
      },
    ],
  },
});
