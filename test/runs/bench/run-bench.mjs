// npm run bench: everything, or what is about one store with `-- --store NAME`; other arguments go to vitest.
import { spawnSync } from 'node:child_process';

const [flag, store, ...rest] = process.argv.slice(2);
const which = flag === '--store' ? [`${store}-store`, ...rest] : process.argv.slice(2);
const args = ['run', '--config', 'test/runs/bench/bench.config.ts', ...which];
process.exitCode = spawnSync('vitest', args, { stdio: 'inherit' }).status ?? 1;
