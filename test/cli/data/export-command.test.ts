import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { type CommandHarness, startCommandHarness } from '../../support/programs/command-harness.ts';
import { makeFixture } from '../../support/samples/endpoint-samples.ts';
import { createCall } from '../../support/services/service-harness.ts';

const open: CommandHarness[] = [];
afterEach(() => Promise.all(open.splice(0).map(({ http }) => http.stop())));

async function bench(...args: Parameters<typeof startCommandHarness>) {
  const opened = await startCommandHarness(...args);
  open.push(opened);
  return opened;
}

async function filled() {
  const opened = await bench();
  const { services } = opened.http;
  const { sessionId, taskId } = await makeFixture(services);
  await services.sessionLogs.addDocument(createCall(), sessionId, {
    title: 'T',
    filePath: '/t',
    content: 'Text',
    taskId,
  });
  return opened;
}

describe('export and import of everything', () => {
  it('[BL34] goes to standard output or into a file, and comes back the same', async () => {
    const source = await filled();
    const { code, out, err } = await source.run(['export']);
    const count = out.split('\n').length - 1;
    expect({ code, err }).toEqual({ code: 0, err: `Exported ${count} lines.\n` });
    const file = join(source.folder, 'all.jsonl');
    expect((await source.run(['export', 'all.jsonl'])).err).toBe(`Exported ${count} lines to ${file}.\n`);
    expect(await readFile(file, 'utf8')).toBe(out);
    expect(await readdir(source.folder)).toEqual(['all.jsonl']);

    const copy = await bench();
    expect(await copy.run(['import', file])).toEqual({
      code: 0,
      out: `Imported ${count} lines (projects: 1, tasks: 3, sessions: 2, timeline: 7, contents: 1, queues: 1, documents: 1, templates: 1).\n`,
      err: '',
    });
    expect((await copy.run(['export'])).out).toBe(out);
  });

  it('[BL34] of an empty server is whole too', async () => {
    const source = await bench();
    const { out } = await source.run(['export', '-']);
    expect(out).toBe('{"format":"maestro-server","version":1}\n{"end":true,"lines":2}\n');
    expect((await (await bench()).run(['import', '-'], out)).out).toBe('Imported 2 lines.\n');
  });

  it('[BL35] is not read into a server that holds something, nor into a project', async () => {
    const source = await filled();
    const { out } = await source.run(['export']);
    expect(await source.run(['import', '-'], out)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /409: An export is imported into an empty store only, .*another DATA_DIR\.\n$/,
      ),
    });
    expect(await source.run(['import', '-', '--project', 'Observatory'], out)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^- is an export of everything: import it without --project\./),
    });
    const before = await source.run(['export']);
    expect(before.out).toBe(out);
  });

  it.each([
    [
      'is cut off between lines',
      (lines: string[]) => lines.slice(0, 4),
      /the file ends before the export does/,
    ],
    [
      'is cut off in a line',
      (lines: string[]) => [...lines.slice(0, 4), '{"kind":'],
      /^line 5: it is not a complete JSON object, or has the key __proto__\nNothing was imported: 1 of 5 lines/,
    ],
    [
      'lacks a line',
      (lines: string[]) => lines.toSpliced(3, 1),
      /of \d+ lines of the export the file holds \d+/,
    ],
    ['goes on behind its end', (lines: string[]) => [...lines, '{}'], /it is behind the end/],
    ['holds what is none of it', (lines: string[]) => lines.toSpliced(2, 0, '{"id":1}'), /^line 3: /],
  ])('[BL36] that %s is not imported at all', async (_, damage, said) => {
    const source = await filled();
    const { out } = await source.run(['export']);
    const copy = await bench();
    const { code, err } = await copy.run(['import', '-'], damage(out.trim().split('\n')).join('\n'));
    expect(code).toBe(1);
    expect(err).toMatch(said);
    expect((await copy.http.services.projects.list(createCall(), { limit: 1 })).items).toEqual([]);
  });

  it('[BL36] says what is stored when a later part is refused', async () => {
    const source = await bench();
    const { services } = source.http;
    const { id } = await services.projects.create(createCall(), { name: 'Observatory' });
    for (let i = 0; i < 6; i++) {
      await services.tasks.create(createCall(), id, { title: `${i}`, description: 'x'.repeat(400_000) });
    }
    const lines = (await source.run(['export'])).out.trim().split('\n');
    const twice = [...lines.slice(0, -1), lines[2], JSON.stringify({ end: true, lines: lines.length + 1 })];
    const { code, err } = await (await bench()).run(['import', '-'], twice.join('\n'));
    expect(code).toBe(1);
    expect(err).toMatch(
      /409: .* The \d lines before, of \d+, are stored by now: start with another DATA_DIR/,
    );
  });

  it('[BL37] shows one moment, whatever is changed while it is written', async () => {
    const source = await bench(
      endpoints.map((endpoint) =>
        endpoint.path === '/api/export/stream' ? { ...endpoint, handle: meddling } : endpoint,
      ),
    );
    const { services } = source.http;
    const { id } = await services.projects.create(createCall(), { name: 'Observatory' });
    for (let i = 0; i < 12; i++) {
      await services.tasks.create(createCall(), id, { title: `${i}`, description: 'x'.repeat(400_000) });
    }
    /** Changes something after each part of an export. */
    async function* meddling() {
      for await (const part of services.workspaceExport.lines(createCall())) {
        yield part;
        await services.tasks.create(createCall(), id, { title: 'Late' });
      }
    }
    const { code, out } = await source.run(['export']);
    expect(code).toBe(0);
    expect(out).not.toContain('"title":"Late"');
    expect(out.match(/"kind":"tasks"/g)).toHaveLength(12);
    expect((await (await bench()).run(['import', '-'], out)).code).toBe(0);
  });

  it('[BL37] begins again when the server ends too soon, and gives up after a while', async () => {
    let left = 4;
    const source = await bench(
      endpoints.map((endpoint) =>
        endpoint.path === '/api/export/stream'
          ? { ...endpoint, handle: () => (left-- > 0 ? torn() : whole()) }
          : endpoint,
      ),
    );
    const header = '{"format":"maestro-server","version":1}\n';
    async function* whole() {
      yield `${header}{"end":true,"lines":2}\n`;
    }
    async function* torn() {
      yield header;
      throw new Error('The view was lost.');
    }
    expect(await source.run(['export'])).toMatchObject({ code: 0, out: expect.stringContaining('"end"') });
    left = Number.POSITIVE_INFINITY;
    await writeFile(join(source.folder, 'old.jsonl'), 'old');
    expect(await source.run(['export', 'old.jsonl', '--force'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^The server ended before everything was written/),
    });
    expect(await readFile(join(source.folder, 'old.jsonl'), 'utf8')).toBe('old');
    expect(await readdir(source.folder)).toEqual(['old.jsonl']);
  });

  it('[BL37] says where it cannot write', async () => {
    const source = await bench();
    expect(await source.run(['export', 'none/all.jsonl'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/none\/all\.jsonl cannot be written: ENOENT/),
    });
  });
});
