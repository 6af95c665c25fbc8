import { describe, expect, it } from 'vitest';
import { seedTemplates } from '../../../src/application/agents/template-seed.ts';
import { collections, type Kind, kinds, logKinds } from '../../../src/application/store/collections.ts';
import { collectAll } from '../../../src/application/store/paginate.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { exportedKinds } from '../../../src/application/transfer/workspace-lines.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';
import { repositoryOf } from '../../storage/contract/store-under-test.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { createCall, openServices, type ServiceHarness } from '../../support/services/service-harness.ts';

const projects = [sampleProjectId, 'proj_b'];

function withKeysReversed<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).reverse()) as T;
}

/** Puts several entities of every kind and entries of every log into the store, in versions of their own. */
async function fill(store: Store, howMany = 3): Promise<void> {
  await store.transaction('test', async (tx) => {
    for (const id of projects) await tx.lock(streamOfProject(id));
    await tx.lock('workspace');
    for (const id of projects) await tx.projects.restore({ ...samples.projects(), id, version: 4 });
    for (const kind of kinds.filter((kind) => kind !== 'projects')) {
      for (let i = 0; i < howMany; i++) {
        // The keys in another order than in the schema: that, too, comes back.
        await repositoryOf(tx, kind).restore(withKeysReversed({ ...samples[kind](), version: i + 1 }));
      }
    }
    const [session] = await collectAll(tx.sessions, {});
    for (const log of logKinds) {
      for (const id of [session?.id ?? '', 'sess_sample']) {
        if (id === 'sess_sample' && log !== 'contents') continue;
        for (let i = 0; i < howMany; i++)
          await tx[log].append(id, sampleProjectId, logSamples[log]() as never);
      }
    }
  });
}

async function exported({ services }: ServiceHarness): Promise<string[]> {
  const lines: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await services.workspaceExport.page(createCall(), cursor);
    lines.push(...page.lines);
    if (page.next === null) return lines;
    cursor = page.next;
  }
}

/** Everything in the store that an export is to hold. */
function state(store: Store) {
  return store.read(async (reader) => ({
    entities: Object.fromEntries(
      await Promise.all(exportedKinds.map(async (kind) => [kind, await collectAll(reader[kind], {})])),
    ),
    logs: await Promise.all(
      [...(await collectAll(reader.sessions, {})).map(({ id }) => id), 'sess_sample'].map((id) =>
        Promise.all(logKinds.map((log) => reader[log].read(id, 0, 1_000_000))),
      ),
    ),
  }));
}

describe('an export', () => {
  it('[BL20] holds every kind and every log but tokens, attempts and tickets, between a header and an end', async () => {
    const harness = openServices();
    await fill(harness.store);
    const lines = (await exported(harness)).map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ format: 'maestro-server', version: 1 });
    expect(lines.at(-1)).toEqual({ end: true, lines: lines.length });
    const written = new Set(lines.flatMap((line) => line.kind ?? line.log ?? []));
    const keptBack = ['tokens', 'attempts', 'tickets'];
    expect(written).toEqual(new Set([...kinds.filter((kind) => !keptBack.includes(kind)), ...logKinds]));
    expect(lines.filter((line) => line.log === 'contents')).toHaveLength(6);
  });

  it('[BL21] that is read into an empty store gives the same state: ids, versions, times and logs', async () => {
    const harness = openServices();
    await fill(harness.store);
    const lines = await exported(harness);
    const copy = openServices();
    for (const line of lines) await copy.services.workspaceImport.importLines(createCall(), [line]);
    expect(await state(copy.store)).toEqual(await state(harness.store));
    expect(await exported(copy)).toEqual(lines);
    expect(copy.events.map((event) => event.name)).toEqual(['workspace:restored']);

    const atOnce = openServices();
    expect(await atOnce.services.workspaceImport.importLines(createCall(), lines)).toEqual({
      taken: lines.length,
    });
    expect(await exported(atOnce)).toEqual(lines);
  });

  it('[BL22] comes in parts that together hold every line once', async () => {
    const harness = openServices();
    await fill(harness.store);
    await harness.store.transaction('test', async (tx) => {
      await tx.lock(streamOfProject(sampleProjectId));
      const long = 'x'.repeat(2_000_000);
      const asLongAsAllowed = {
        tasks: { description: long.slice(0, 500_000), initialPrompt: long.slice(0, 500_000) },
        documents: { title: long.slice(0, 1000), filePath: long.slice(0, 4096) },
      };
      for (const kind of ['tasks', 'documents'] as const) {
        for (const entity of await collectAll(tx[kind], {}))
          await tx[kind].update({ ...entity, ...asLongAsAllowed[kind] } as never);
      }
      for (let i = 0; i < 5; i++)
        await tx.contents.append('sess_sample', sampleProjectId, { documentId: 'doc_x', content: long });
      const [session] = await collectAll(tx.sessions, {});
      for (let i = 0; i < 5; i++) {
        await tx.activity.append(session?.id ?? '', sampleProjectId, {
          ...logSamples.activity(),
          data: long,
        });
      }
    });
    const lines = (await exported(harness)).map((line) => JSON.parse(line));
    const whole = await state(harness.store);
    expect(lines.filter((line) => line.kind).map((line) => line.entity)).toEqual(
      Object.values(whole.entities).flat(),
    );
    const keys = lines.filter((line) => line.log).map(({ log, of, n }) => `${log} ${of} ${n}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(whole.logs.flat(2).length);
    expect(lines.at(-1)).toEqual({ end: true, lines: lines.length });
  });

  it('[BL23] shows one state: its next page is rejected once something has changed', async () => {
    const harness = openServices();
    const { id } = await harness.services.projects.create(createCall(), { name: 'Observatory' });
    const long = 'x'.repeat(400_000);
    for (let i = 0; i < 12; i++) {
      await harness.services.tasks.create(createCall(), id, { title: `${i}`, description: long });
    }
    const first = await harness.services.workspaceExport.page(createCall());
    const next = first.next ?? '';
    expect((await harness.services.workspaceExport.page(createCall(), next)).next).toBeNull();
    await harness.services.tasks.create(createCall(), id, { title: 'Late' });
    await expect(harness.services.workspaceExport.page(createCall(), next)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    for (const cursor of ['', 'x', btoa('{}')]) {
      await expect(harness.services.workspaceExport.page(createCall(), cursor)).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      });
    }
  });

  it('[BL24] is imported into an empty store only, and each part completely or not at all', async () => {
    const harness = openServices();
    await fill(harness.store);
    const lines = await exported(harness);
    const { workspaceImport } = harness.services;
    await expect(workspaceImport.importLines(createCall(), lines)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('empty store only'),
    });

    const copy = openServices();
    const twice = [...lines.slice(0, 5), lines[4] ?? ''];
    await expect(copy.services.workspaceImport.importLines(createCall(), twice)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect((await copy.services.projects.list(createCall(), { limit: 1 })).items).toEqual([]);
    const entry = lines.find((line) => line.includes('"n":2')) ?? '';
    await expect(copy.services.workspaceImport.importLines(createCall(), [entry])).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it.each([
    ['is cut off', '{"kind":"tasks"', 'not a complete JSON object'],
    ['is no object', '7', 'not a complete JSON object'],
    ['is empty', '{}', 'format'],
    ['has the key __proto__', '{"end":true,"lines":1,"__proto__":{}}', 'not a complete JSON object'],
    ['is the header of another version', '{"format":"maestro-server","version":2}', 'another version'],
    ['holds a token', '{"kind":"tokens","entity":{}}', 'there is no kind "tokens"'],
    ['lacks something', '{"kind":"tasks","entity":{"id":"task_a"}}', 'entity.projectId'],
    ['is of an unknown log', '{"log":"diary"}', 'there is no log "diary"'],
    ['is an end with more', '{"end":true,"lines":3,"more":1}', 'more'],
    [
      'has an unknown field',
      JSON.stringify({ kind: 'tasks', entity: { ...samples.tasks(), hue: 1 } }),
      'hue',
    ],
  ])('[BL25] whose line %s is refused by the number of that line', async (_, line, why) => {
    const { services } = openServices();
    const end = '{"end":true,"lines":1}';
    await expect(async () =>
      services.workspaceImport.importLines(createCall(), [end, line]),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringMatching(/^lines\.1: /),
    });
    await expect(async () => services.workspaceImport.importLines(createCall(), [line])).rejects.toThrow(why);
  });

  it('[BL20] knows the project of each kind that it holds', () => {
    for (const kind of exportedKinds) {
      const project = collections[kind].project as (entity: unknown) => unknown;
      expect(project(samples[kind as Kind]()), kind).not.toBeUndefined();
    }
  });

  it('[TM10] restores its own templates: the unchanged defaults of the server do not count as content', async () => {
    const harness = openServices();
    await seedTemplates(harness.store);
    const id = 'tmpl_default_worker';
    await harness.services.templates.update(createCall(), id, { content: 'Changed.' });
    const lines = await exported(harness);
    const copy = openServices();
    await seedTemplates(copy.store);
    await copy.services.workspaceImport.importLines(createCall(), lines);
    expect(await exported(copy)).toEqual(lines);
    const changed = openServices();
    await seedTemplates(changed.store);
    await changed.services.templates.update(createCall(), id, { content: 'Mine.' });
    await expect(changed.services.workspaceImport.importLines(createCall(), lines)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});
