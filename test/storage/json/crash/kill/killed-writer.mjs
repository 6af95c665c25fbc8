// Commits transactions to the store in the folder that is named until it is killed, and says on its standard output
// which of them were acknowledged: a line `<writer> <step>` for each. Kills itself at a call of the file system when it
// is told one. Runs as a process of its own, from the built program.

import { createNodeFileSystem } from '../../../../../dist/storage/json/disk/node-file-system.js';
import { openJsonStore } from '../../../../../dist/storage/json/open-json-store.js';
import { injectKills } from './kill-injection.mjs';

const [dataDir, writers, checkpointMs, point = 'null'] = process.argv.slice(2);
const killAt = JSON.parse(point);
let calls = 0;
const files = injectKills(createNodeFileSystem(), (call, path) => {
  if (call !== killAt?.call || !new RegExp(killAt.path).test(path) || ++calls !== killAt.count)
    return undefined;
  return killAt.after ? 'after' : 'before';
});
const options = {
  checkpointIntervalMs: Number(checkpointMs),
  segmentBytes: 20_000,
  checkpointBytes: 200_000,
};
const store = await openJsonStore({ dataDir, files, ...options });
process.stdout.write('open\n');

async function step(writer) {
  const { value } = await store.transaction(`writer ${writer}`, async (tx) => {
    const projectId = `proj_${writer}`;
    const sessionId = `sess_${writer}`;
    await tx.lock(`project:${projectId}`);
    await tx.lock('workspace');
    const project = await tx.projects.get(projectId);
    const now = Number(project?.name ?? 0) + 1;
    const next = {
      id: projectId,
      name: `${now}`,
      workingDir: '',
      description: 'x'.repeat(now % 900),
      createdAt: 1,
      updatedAt: now,
      version: 1,
    };
    if (project === undefined) await tx.projects.insert(next);
    else await tx.projects.update({ ...next, version: project.version });
    const document = {
      projectId,
      sessionId,
      sessionName: 's',
      title: `${now}`,
      filePath: 'f',
      addedAt: now,
      addedBy: sessionId,
    };
    await tx.documents.insert({ ...document, id: `doc_${writer}_${now}`, version: 1 });
    if (now > 2) await tx.documents.delete(`doc_${writer}_${now - 2}`);
    // Begins anew from time to time, so that logs are dropped as well.
    if (now % 10 === 1) await tx.activity.drop(sessionId, projectId);
    await tx.activity.append(sessionId, projectId, { id: `evt_${now}`, timestamp: now, type: 'step' });
    await tx.timeline.append(sessionId, projectId, { id: `evt_${now}`, timestamp: now, type: 'progress' });
    tx.emit('project:updated', { ...next, projectId });
    return now;
  });
  process.stdout.write(`${writer} ${value}\n`);
}

await Promise.all(
  Array.from({ length: Number(writers) }, async (_, writer) => {
    for (;;) await step(writer);
  }),
);
