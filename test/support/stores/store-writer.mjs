// A process that inserts tasks until it is killed, and says of each that it was acknowledged.
import { openPostgresStore } from '../../../dist/storage/postgres/postgres-store.js';

const [url, name, sample] = process.argv.slice(2);
const task = JSON.parse(sample);
const store = await openPostgresStore({
  url,
  retention: { events: 1_000_000, ageMs: 1_000_000_000 },
  poolWaitMs: 30_000,
  limits: { statementMs: 30_000, lockMs: 30_000, idleMs: 30_000 },
});

async function write(writer) {
  for (let i = 0; ; i++) {
    const id = `task_${name}_${writer}_${i}`;
    try {
      await store.transaction('writer', async (tx) => {
        await tx.lock(`project:${task.projectId}`);
        tx.emit('task:created', await tx.tasks.insert({ ...task, id }));
      });
      process.stdout.write(`${id}\n`);
    } catch (error) {
      if (error.code !== 'NOT_READY' && error.code !== 'STORE_FAILED') throw error;
    }
  }
}

await Promise.all(Array.from({ length: 5 }, (_, writer) => write(writer)));
