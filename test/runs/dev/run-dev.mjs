// npm run dev [-- FLAGS OF serve]: a server that is rebuilt and restarted whenever a file of src changes, with the
// example backlog in it. Its data folder is thrown away at the end, unless --data-dir names one, which is kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const flags = process.argv.slice(2);
const { values } = parseArgs({ args: flags, strict: false, options: { 'data-dir': { type: 'string' } } });
const kept = typeof values['data-dir'] === 'string' ? resolve(values['data-dir']) : undefined;
const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'maestro-dev-')));
const env = {
  LOG_FORMAT: 'pretty',
  ...process.env,
  DATABASE_TYPE: 'filesystem',
  DATA_DIR: dataDir,
  SESSION_DIR: join(dataDir, 'sessions-of-agents'),
};

const say = (text) => process.stdout.write(`dev: ${text}\n`);

/** What runs now, each with everything that it starts. */
const running = new Set();
let stopping = false;

/** Starts a program in a group of its own, so that Ctrl-C reaches it through this script only, and once. */
function start(args, stdio) {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio, detached: true });
  running.add(child);
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code;
  });
  return { child, ended };
}

function end({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) end(child, stopping ? 'SIGKILL' : 'SIGTERM');
    stopping = true;
  });
}

let server;

/** Puts the server that was just built in the place of the one that runs. */
async function restart() {
  if (server === undefined) {
    const backlog = ['import', 'docs/examples/backlog.jsonl', '--project', 'Tidepool'];
    await start(['dist/main.js', ...backlog], 'inherit').ended;
  } else {
    end(server.child, 'SIGTERM');
    await server.ended;
  }
  if (stopping) return;
  server = start(['--enable-source-maps', 'dist/main.js', 'serve', ...flags], 'inherit');
  void server.ended.then((code) => {
    if (code !== 0 && !stopping) say(`the server ended with ${code}; it starts again after the next change`);
  });
}

say(`data in ${dataDir}, ${kept === undefined ? 'thrown away' : 'kept'} at the end; stop with Ctrl-C`);
const watch = ['node_modules/typescript/bin/tsc', '-p', 'src', '--watch', '--preserveWatchOutput'];
const compiler = start(watch, ['ignore', 'pipe', 'inherit']);
for await (const line of createInterface({ input: compiler.child.stdout })) {
  const [, errors] = /Found (\d+) errors?\. Watching for file changes/.exec(line) ?? [];
  if (errors === undefined) {
    if (line.trim() !== '') say(line);
  } else if (errors === '0') {
    if (!stopping) await restart();
  } else {
    say(`${errors} of these to correct; until then the server is the one from before`);
  }
}
await Promise.all([compiler.ended, server?.ended]);
if (kept === undefined) await rm(dataDir, { recursive: true, force: true });
process.exitCode = stopping ? 0 : 1;
