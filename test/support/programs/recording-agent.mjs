// The program of the end-to-end test: records each run by the id of its task, fails some, and does not care who started it.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const [folder, milliseconds] = process.argv.slice(2);
const { MAESTRO_TASK_ID, MAESTRO_TOKEN, MAESTRO_SESSION_ID, MAESTRO_MANIFEST_PATH } = process.env;
mkdirSync(folder, { recursive: true });
const record = (what) => {
  const line = { what, session: MAESTRO_SESSION_ID, token: MAESTRO_TOKEN, manifest: MAESTRO_MANIFEST_PATH };
  const keys = Object.keys(process.env).filter((name) => name.endsWith('_API_KEY'));
  appendFileSync(join(folder, MAESTRO_TASK_ID), `${JSON.stringify({ ...line, keys })}\n`);
};
record('begun');
await setTimeout(Number(milliseconds));
record('ended');
// One task in five fails, always the same.
process.exitCode = MAESTRO_TASK_ID.charCodeAt(MAESTRO_TASK_ID.length - 1) % 5 === 0 ? 3 : 0;
