import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInFolder } from '../../../support/programs/run-in-folder.ts';
import { createLegacyFolder, listFolderCopies, openAndClose, readAdopted } from './adopt-legacy-folder.ts';
import { legacyFiles } from './legacy-files.ts';

describe('the folder of another server', () => {
  it('[AD1] is copied to the letter before anything in it is changed, for the owner alone', async () => {
    const dataDir = await createLegacyFolder();
    await openAndClose(dataDir);
    const [copy = ''] = await listFolderCopies(dataDir);
    expect(copy).toMatch(/^data\.before-\d{8}T\d{9}Z$/);
    const path = join(dirname(dataDir), copy);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    for (const [file, value] of Object.entries(legacyFiles)) {
      const text = await readFile(join(path, file), 'utf8');
      expect(text).toBe(typeof value === 'string' ? value : JSON.stringify(value));
    }
    await openAndClose(dataDir);
    expect(await listFolderCopies(dataDir)).toEqual([copy]);
  });

  it('[AD2] becomes a store that is well, and keeps what is nobody’s business', async () => {
    const dataDir = await createLegacyFolder();
    await openAndClose(dataDir);
    const { code, out } = await runInFolder(dataDir, ['check', '--verify', '--fix']);
    expect(out).not.toMatch(/^fault/m);
    expect(code).toBe(0);
    expect(await readFile(join(dataDir, 'notes.txt'), 'utf8')).toBe('mine');
    expect(await readdir(dataDir)).not.toContain('adopted');
  });

  it('[AD3] is adopted with what was missing filled in, and what was unknown mapped', async () => {
    const dataDir = await createLegacyFolder();
    const { tasks, sessions, legacy } = await readAdopted(dataDir, async (reader) => ({
      tasks: await reader.tasks.get('task_null'),
      legacy: await reader.tasks.get('task_legacy'),
      sessions: (await reader.sessions.list({ limit: 100 })).items,
    }));
    expect(tasks).toMatchObject({
      title: 'Untitled',
      status: 'todo',
      priority: 'high',
      sessionIds: ['sess_a'],
      skillIds: [],
      parentId: null,
      dependencies: ['task_legacy'],
      referenceTaskIds: ['task_legacy'],
      createdAt: 0,
    });
    expect(tasks).not.toHaveProperty('surprise');
    expect(legacy).toMatchObject({
      taskSessionStatuses: { sess_a: 'working' },
      sessionIds: ['sess_legacy', 'sess_a'],
    });
    expect(sessions.map(({ id, status, name, taskIds }) => [id, status, name, taskIds]).sort()).toEqual([
      ['sess_a', 'working', 'A', ['task_null', 'task_legacy']],
      ['sess_legacy', 'stopped', 'Session sess_legacy', ['task_legacy']],
      ['sess_null', 'stopped', 'Session sess_null', []],
    ]);
  });

  it('[AD4] has logs and documents of their own where its sessions held them', async () => {
    const dataDir = await createLegacyFolder();
    const found = await readAdopted(dataDir, async (reader) => ({
      timeline: (await reader.timeline.read('sess_a', 0, 9)).map(({ entry }) => [entry.type, entry.message]),
      activity: await reader.activity.read('sess_a', 0, 9),
      contents: (await reader.contents.read('sess_a', 0, 9)).map(({ entry }) => entry),
      documents: (await reader.documents.list({ limit: 9 })).items.map(({ id, sessionId, taskId }) => [
        id,
        sessionId,
        taskId,
      ]),
    }));
    expect(found.timeline).toEqual([
      ['session_started', undefined],
      ['progress', 'Hello'],
    ]);
    expect(found.activity).toHaveLength(1);
    expect(found.contents).toEqual([{ documentId: 'doc_1', content: '# One' }]);
    expect(found.documents).toEqual([
      ['doc_1', 'sess_a', 'task_null'],
      ['doc_2', 'sess_a', undefined],
    ]);
    const file = JSON.parse(await readFile(join(dataDir, 'sessions/sess_a.json'), 'utf8'));
    for (const key of ['timeline', 'events', 'docs']) expect(file).not.toHaveProperty(key);
  });

  it('[AD5] loses the keys of providers: they are nowhere but in the copy', async () => {
    const dataDir = await createLegacyFolder();
    await openAndClose(dataDir);
    const session = await readAdopted(dataDir, (reader) => reader.sessions.get('sess_a'));
    expect(session?.env).toEqual({ MAESTRO_ROLE: 'worker' });
    for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toMatch(/sk-secret|tok-secret/);
    }
  });

  it('[AD6] [AD13] puts what cannot be taken over aside, and names it with everything that was changed', async () => {
    const dataDir = await createLegacyFolder();
    await openAndClose(dataDir);
    const report = JSON.parse(await readFile(join(dataDir, 'adoption.json'), 'utf8'));
    const bad = [
      'projects/proj e.json',
      'projects/proj_a.json.12345',
      'projects/proj_c.json',
      'projects/proj_d.json',
      'queues/sess_gone.json',
      'sessions/deep/down/sess_x.json',
      'sessions/sess_orphan.json',
      'tasks/proj_a/notes.txt',
      'tasks/proj_gone/task_orphan.json',
      'tasks/task_root.json',
      'templates/tmpl_b.json',
    ];
    expect(report.quarantined.map(({ file }: { file: string }) => file).sort()).toEqual(bad);
    for (const file of bad) await stat(join(dataDir, 'quarantine', file));
    const was = (what: string) =>
      report.remarks.find((remark: { what: string }) => remark.what === what)?.was;
    expect(was('status became "todo"')).toBe('banana');
    expect(was('dropped surprise')).toEqual({ deep: true });
    expect(was('projectId became "proj_a"')).toBe('proj_gone');
    expect(was('status became "working"')).toBe('running');
    expect(was('timeline entry 2: type became "progress"')).toBe('danced');
    expect(was('dropped apiKey')).toBeUndefined();
    const remarks = report.remarks.map(
      ({ file, what }: { file: string; what: string }) => `${file}: ${what}`,
    );
    for (const remark of [
      'projects/proj_a.json: dropped foo',
      'tasks/proj_a/task_null.json: status became "todo"',
      'tasks/proj_a/task_null.json: priority became "high"',
      'tasks/proj_a/task_null.json: dropped task_other, task_gone of dependencies',
      'tasks/proj_a/task_y.json: projectId became "proj_a"',
      'tasks/proj_a/task_y.json: dropped task_x of parentId',
      'tasks/proj_a/task_y.json: dropped task_x of dependencies',
      'sessions/sess_a.json: dropped ANTHROPIC_API_KEY, MAESTRO_TOKEN, PATH of its environment',
      'sessions/sess_a.json: dropped task_other, task_gone of taskIds',
      'sessions/sess_legacy.json: status became "stopped"',
      'queues/sess_a.json: item 2 waits again, as another is being processed',
      'queues/sess_a.json: item 3 was skipped, as the task task_gone is not there',
    ])
      expect(remarks).toContain(remark);
  });

  it('[AD12] keeps the beginning of texts and lists that are too long', async () => {
    const dataDir = await createLegacyFolder();
    const long = {
      id: 'task_long',
      projectId: 'proj_a',
      title: `${'x'.repeat(999)}😀y`,
      labels: [`a${'y'.repeat(500)}`, ...Array.from({ length: 150 }, (_, i) => `label ${i}`)],
    };
    await writeFile(join(dataDir, 'tasks/proj_a/task_long.json'), JSON.stringify(long));
    const { title, labels } =
      (await readAdopted(dataDir, (reader) => reader.tasks.get('task_long'))) ?? expect.fail();
    expect(title).toBe(`${'x'.repeat(999)}😀`);
    expect(labels).toHaveLength(100);
    expect(labels[0]).toBe(long.labels[0]?.slice(0, 200));
    const { remarks } = JSON.parse(await readFile(join(dataDir, 'adoption.json'), 'utf8'));
    const told = remarks.filter(({ file }: { file: string }) => file.endsWith('task_long.json'));
    expect(told).toMatchObject([
      { what: 'title was cut, as it is too long', was: expect.stringMatching(/^"x{999}…$/) },
      { what: 'labels was cut, as it is too long' },
    ]);
  });

  it('[AD7] counts the newest of several files of one task, and a deleted one does not come back', async () => {
    const dataDir = await createLegacyFolder();
    expect((await readAdopted(dataDir, (reader) => reader.tasks.get('task_root')))?.title).toBe('New copy');
    expect(await readdir(join(dataDir, 'tasks'))).not.toContain('task_root.json');
  });

  it('[AD8] has the queue of a session with one item at work', async () => {
    const dataDir = await createLegacyFolder();
    const queue = await readAdopted(dataDir, (reader) => reader.queues.get('sess_a'));
    expect(queue?.currentIndex).toBe(0);
    expect(queue?.items.map(({ status }) => status)).toEqual(['processing', 'queued', 'skipped', 'queued']);
  });

  it('[AD10] is told by check, which changes nothing', async () => {
    const dataDir = await createLegacyFolder();
    const { out } = await runInFolder(dataDir, ['check']);
    expect(out).toMatch(/^warning +files +Another server left them; the next start copies the folder/m);
    expect(await listFolderCopies(dataDir)).toEqual([]);
  });
});
