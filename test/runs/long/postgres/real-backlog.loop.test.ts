// What .ci/run does on files, on PostgreSQL: it takes longer there than .ci/run has time for.
process.env.TEST_STORE = 'postgres';
await import('../../ci/real-backlog.ci.ts');
