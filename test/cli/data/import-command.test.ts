import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandHarness, startCommandHarness } from '../../support/programs/command-harness.ts';
import { createCall } from '../../support/services/service-harness.ts';

const at = '2026-01-05T09:00:00Z';
const issue = (id: string, more: object = {}) =>
  JSON.stringify({
    id,
    title: `Title of ${id}`,
    status: 'open',
    priority: 2,
    created_at: at,
    updated_at: at,
    ...more,
  });
const link = (depends_on_id: string, type: string) => ({ depends_on_id, type });

let bench: CommandHarness;
beforeEach(async () => {
  bench = await startCommandHarness();
});
afterEach(() => bench.http.stop());

async function importLines(...lines: string[]) {
  return bench.run(['import', '-', '--project', 'Observatory'], lines.join('\n'));
}

async function tasks() {
  const { services } = bench.http;
  const { items } = await services.tasks.list(createCall(), { limit: 1000 });
  return new Map(items.map((task) => [task.externalId, task]));
}

describe('import of a backlog', () => {
  it('[BL30] reads a file, or what is said to it, into a project that it makes when there is none', async () => {
    await writeFile(join(bench.folder, 'backlog.jsonl'), `${issue('obs-1')}\n${issue('obs-2')}\n`);
    const first = await bench.run(['import', 'backlog.jsonl', '--project', 'Observatory']);
    expect(first).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^Project Observatory \(proj_\w+\): 2 created, 0 updated, 0 unchanged, 0 reported\.\n$/,
      ),
      err: '',
    });
    const { items } = await bench.http.services.projects.list(createCall(), { limit: 10 });
    expect(items).toHaveLength(1);
    const again = await importLines(issue('obs-1'), issue('obs-2', { priority: 0 }), issue('obs-3'));
    expect(again.out).toContain(': 1 created, 1 updated, 1 unchanged, 0 reported.');
    const byId = await bench.run(
      ['import', '-', '--project', items[0]?.id ?? ''],
      issue('obs-3', { title: 'New' }),
    );
    expect(byId.out).toContain('Project Observatory');
    expect((await tasks()).get('obs-3')?.title).toBe('New');
    expect((await bench.http.services.projects.list(createCall(), { limit: 10 })).items).toHaveLength(1);
  });

  it('[BL30] asks for the id when several projects have the name', async () => {
    for (let i = 0; i < 2; i++)
      await bench.http.services.projects.create(createCall(), { name: 'Observatory' });
    expect(await importLines(issue('obs-1'))).toMatchObject({
      code: 1,
      out: '',
      err: 'Several projects are called Observatory; name the one by its id.\n',
    });
  });

  it('[BL31] reports each line that is no issue by its number, and imports the rest', async () => {
    const { code, out, err } = await importLines(
      '\uFEFF'.concat(issue('obs-1')),
      '',
      '{"id": "obs-2", "title": "Cut',
      '[1]',
      issue('obs-3', { title: ' ' }),
      issue('obs-4', { status: 'pinned', priority: 9 }),
      `${issue('obs-5')}\r`,
      issue('obs-6', { dependencies: [link('gone', 'blocks')] }),
      issue('obs-6', { title: 'Again' }),
      issue('obs-7', { title: '\uD800' }),
      issue('obs-8', { title: '\\uD800 as six letters' }),
    );
    expect(code).toBe(0);
    expect(out).toContain(': 5 created, 0 updated, 0 unchanged, 7 reported.');
    expect(err.trim().split('\n')).toEqual([
      'line 3: not valid JSON, or an incomplete line; it is not imported',
      'line 4: no issue, but other JSON; it is not imported',
      expect.stringMatching(/^line 5: no issue; title: .*; it is not imported$/),
      'line 6: obs-4: status "pinned" is not known; it becomes todo',
      'line 6: obs-4: priority 9 is not 0 to 4; it becomes medium',
      'line 8: obs-6: comes again in line 9, which counts',
      'line 10: not valid JSON, or an incomplete line; it is not imported',
    ]);
    expect([...(await tasks()).keys()].sort()).toEqual(['obs-1', 'obs-4', 'obs-5', 'obs-6', 'obs-8']);
  });

  it('[BL31] reports the links that lead nowhere or form a cycle', async () => {
    const { out, err } = await importLines(
      issue('obs-1', { dependencies: [link('obs-2', 'blocks'), link('gone', 'parent-child')] }),
      issue('obs-2', { dependencies: [link('obs-1', 'blocked-by')] }),
    );
    expect(out).toContain(': 2 created, 0 updated, 0 unchanged, 2 reported.');
    expect(err).toBe(
      'line 1: obs-1: parent gone does not exist and is left out\n' +
        'line 2: obs-2: dependency obs-1 would close a cycle and is left out\n',
    );
    expect((await tasks()).get('obs-1')?.dependencies).toHaveLength(1);
  });

  it.each([
    [
      'is no JSON at all',
      '<html>\n<body>\n',
      /line 1: not valid JSON.*\nline 2: not valid JSON.*\nNothing was imported: no line is an issue/,
    ],
    ['is a list of issues', `[${issue('obs-1')}]`, /line 1: no issue, but other JSON/],
    ['is empty', ' \n\n', /is empty\.\n$/],
  ])('[BL32] of a file that %s does nothing and fails', async (_, text, said) => {
    const { code, out, err } = await importLines(text);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(said);
    expect((await bench.http.services.projects.list(createCall(), { limit: 1 })).items).toEqual([]);
  });

  it('[BL32] of a file that is not there fails, and of one without a project says what is missing', async () => {
    expect(await bench.run(['import', 'none.jsonl', '--project', 'Observatory'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/none\.jsonl cannot be read: ENOENT/),
    });
    expect(await bench.run(['import', '-'], issue('obs-1'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--project is missing/),
    });
  });

  it('[BL33] takes more than fits into one request, with links from anywhere to anywhere', async () => {
    const count = 703;
    const lines = Array.from({ length: count }, (_, i) =>
      issue(`obs-${i}`, {
        description: i % 100 === 0 ? 'x'.repeat(300_000) : '',
        dependencies: i + 600 < count ? [link(`obs-${i + 600}`, 'blocks')] : [link('obs-0', 'parent-child')],
      }),
    );
    expect((await importLines(...lines)).out).toContain(
      `: ${count} created, 0 updated, 0 unchanged, 0 reported.`,
    );
    expect((await importLines(...lines)).out).toContain(
      `: 0 created, 0 updated, ${count} unchanged, 0 reported.`,
    );
    const { services } = bench.http;
    const { items } = await services.tasks.list(createCall(), {
      where: { externalId: ['obs-5', 'obs-605'] },
      limit: 2,
    });
    const [from, to] = ['obs-5', 'obs-605'].map((id) => items.find((task) => task.externalId === id));
    expect(from?.dependencies).toEqual([to?.id]);
  });

  it('[BL33] reports a line that is too long to be read, or not in UTF-8', async () => {
    const lines = [
      issue('obs-1'),
      'x'.repeat(17 * 1024 * 1024),
      issue('obs-2'),
      issue('obs-3', { title: 'café' }),
    ];
    await writeFile(join(bench.folder, 'odd.jsonl'), lines.join('\n'), 'latin1');
    const { out, err } = await bench.run(['import', 'odd.jsonl', '--project', 'Observatory']);
    expect(out).toContain(': 2 created, 0 updated, 0 unchanged, 2 reported.');
    const fault = 'longer than 16 MiB, or not in UTF-8; it is not imported';
    expect(err).toBe(`line 2: ${fault}\nline 4: ${fault}\n`);
  });

  it('[BL39] takes an id that comes again, however much later, from its last line only', async () => {
    const lines = [
      issue('obs-0', { title: 'First' }),
      ...Array.from({ length: 600 }, (_, i) => issue(`obs-${i + 1}`)),
      issue('obs-0', { title: 'Last', status: 'closed' }),
    ];
    const first = await importLines(...lines);
    expect(first.out).toContain(': 601 created, 0 updated, 0 unchanged, 1 reported.');
    expect(first.err).toBe('line 1: obs-0: comes again in line 602, which counts\n');
    expect((await tasks()).get('obs-0')).toMatchObject({ title: 'Last', status: 'completed', version: 1 });
    const task = (await tasks()).get('obs-0');
    await bench.http.services.tasks.update(createCall(), task?.id ?? '', { title: 'Mine' });
    expect((await importLines(...lines)).out).toContain(': 0 created, 0 updated, 601 unchanged, 1 reported.');
    expect((await tasks()).get('obs-0')?.title).toBe('Mine');
  });

  it('[BL3] makes a link that stands in another issue for the issue that it names', async () => {
    const { err } = await importLines(
      issue('obs-1', {
        dependencies: [
          { ...link('obs-2', 'blocks'), issue_id: 'obs-3' },
          { ...link('obs-2', 'blocks'), issue_id: 'gone' },
        ],
      }),
      issue('obs-2'),
      issue('obs-3'),
    );
    const found = await tasks();
    expect(found.get('obs-1')?.dependencies).toEqual([]);
    expect(found.get('obs-3')?.dependencies).toEqual([found.get('obs-2')?.id]);
    expect(err).toBe('line 1: obs-1: has a link of gone, which is not in the file; it is left out\n');
  });
});
