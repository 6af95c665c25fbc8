import { describe, expect, it } from 'vitest';
import { seedTemplates } from '../../../src/application/agents/template-seed.ts';
import { defaultTemplates } from '../../../src/domain/agents/default-templates.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

async function openSeeded() {
  const harness = openServices();
  await seedTemplates(harness.store);
  const { templates } = harness.services;
  const create = (name: string, content = 'Work.') =>
    templates.create(createCall(), { name, role: 'worker', content });
  const list = async () => (await templates.list(createCall(), { limit: 100 })).items;
  /** What is active for each role: never more than one. */
  async function active(): Promise<Record<string, string>> {
    const found = (await list()).filter((template) => template.active);
    expect(found).toHaveLength(2);
    return Object.fromEntries(found.map(({ role, name }) => [role, name]));
  }
  return { ...harness, templates, create, list, active };
}

const worker = 'tmpl_default_worker';
const usual = { worker: 'Default Worker Template', orchestrator: 'Default Orchestrator Template' };

describe('the defaults', () => {
  it('[TM1] are created at the first start, one for each role, active, each with its event', async () => {
    const { list, active, events, store } = await openSeeded();
    expect(await active()).toEqual(usual);
    for (const template of await list()) {
      expect(template).toMatchObject({ isDefault: true, content: defaultTemplates[template.role] });
    }
    expect(events.map(({ name, actor }) => [name, actor])).toEqual([
      ['template:created', 'server'],
      ['template:created', 'server'],
    ]);
    await Promise.all([seedTemplates(store), seedTemplates(store)]);
    expect(events).toHaveLength(2);
  });

  it('[TM1] are made once, however many processes start at the same time', async () => {
    const { store, events } = openServices();
    await Promise.all([seedTemplates(store), seedTemplates(store), seedTemplates(store)]);
    expect(events).toHaveLength(2);
  });

  it('[TM1] leave a template alone that is active without them', async () => {
    const { store, services, templates, create } = await (async () => {
      const harness = openServices();
      const { templates } = harness.services;
      return {
        ...harness,
        templates,
        create: () => templates.create(createCall(), { name: 'Own', role: 'worker', content: 'Work.' }),
      };
    })();
    await templates.update(createCall(), (await create()).id, { active: true });
    await seedTemplates(store);
    expect(await services.templates.activeForRole(createCall(), 'worker')).toMatchObject({ name: 'Own' });
    expect(await services.templates.get(createCall(), worker)).toMatchObject({ active: false });
  });

  it('[TM2] cannot be deleted', async () => {
    const { templates, list } = await openSeeded();
    await expect(templates.remove(createCall(), worker)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await list()).toHaveLength(2);
  });

  it('[TM3] can be changed, kept over a start, and reset to what they were', async () => {
    const { templates, store, eventNamesOf } = await openSeeded();
    await templates.update(createCall(), worker, { content: 'Changed.', name: 'Mine' });
    await seedTemplates(store);
    expect(await templates.get(createCall(), worker)).toMatchObject({
      name: 'Mine',
      content: 'Changed.',
      version: 2,
    });
    const reset = () => templates.reset(createCall(), worker);
    expect(await eventNamesOf(reset)).toEqual(['template:reset']);
    expect(await templates.get(createCall(), worker)).toMatchObject({
      ...{ name: 'Mine', content: defaultTemplates.worker, isDefault: true },
    });
    expect(await eventNamesOf(reset)).toEqual([]);
    expect(templates.defaultForRole('worker')).toEqual({ role: 'worker', content: defaultTemplates.worker });
  });
});

describe('the active template', () => {
  it('[TM4] is exactly one of each role, and changes in one commit', async () => {
    const { templates, create, active, eventNamesOf, events } = await openSeeded();
    const { id } = await create('Own');
    expect(await active()).toEqual(usual);
    expect(await eventNamesOf(() => templates.update(createCall(), id, { active: true }))).toEqual([
      'template:updated',
      'template:updated',
    ]);
    expect(
      events.slice(-2).map(({ data }) => ('template' in data ? data.template.active : undefined)),
    ).toEqual([false, true]);
    expect(await active()).toEqual({ ...usual, worker: 'Own' });
    expect((await templates.activeForRole(createCall(), 'worker')).id).toBe(id);
    expect(await eventNamesOf(() => templates.update(createCall(), id, { active: true }))).toEqual([]);
    const others = await Promise.all([create('A'), create('B'), create('C')]);
    await Promise.all(others.map((other) => templates.update(createCall(), other.id, { active: true })));
    expect(['A', 'B', 'C']).toContain((await active()).worker);
  });

  it('[TM5] that is deleted leaves its place to the default', async () => {
    const { templates, create, active, eventNamesOf } = await openSeeded();
    const { id } = await create('Own');
    await templates.update(createCall(), id, { active: true });
    expect(await eventNamesOf(() => templates.remove(createCall(), id))).toEqual([
      'template:updated',
      'template:deleted',
    ]);
    expect(await active()).toEqual(usual);
    const idle = await create('Idle');
    expect(await eventNamesOf(() => templates.remove(createCall(), idle.id))).toEqual(['template:deleted']);
  });
});

describe('a prompt', () => {
  it('[TM6] is the active template of the role of the session, filled in', async () => {
    const harness = await openSeeded();
    const { templates, services } = harness;
    const { project, tasks } = await projectWithTasks(
      harness,
      `Count \${SESSION_ID} stars`,
      'Sort them',
      'Build',
    );
    const [first, second, third] = tasks.map(({ id }) => id) as [string, string, string];
    await services.tasks.update(createCall(), second, { dependencies: [third], referenceTaskIds: [first] });
    const { id } = await services.sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [first, second],
      name: 'Night',
    });
    const own = await harness.create(
      'Own',
      [
        `\${SESSION_NAME}/\${SESSION_ID}: \${TASK_TITLE} (\${TASK_ID})`,
        `\${ALL_TASKS}\n\${RELATED_TASKS}`,
        `\${HOME} \${constructor} \${CONSTRUCTOR} $TASK_ID \${TASK_COUNT}\${CODEBASE_CONTEXT}`,
      ].join('\n'),
    );
    await templates.update(createCall(), own.id, { active: true });
    expect(await templates.prompt(createCall(), id)).toEqual({
      templateId: own.id,
      role: 'worker',
      prompt: [
        `Night/${id}: Count \${SESSION_ID} stars (${first})`,
        `- ${first} (todo, medium): Count \${SESSION_ID} stars`,
        `- ${second} (todo, medium): Sort them`,
        `- ${third} (todo, medium): Build`,
        `\${HOME} \${constructor} \${CONSTRUCTOR} $TASK_ID 2`,
      ].join('\n'),
    });
    const lead = await services.sessions.create(createCall(), {
      ...{
        projectId: project.id,
        taskIds: [],
        metadata: { role: 'orchestrator', orchestratorStrategy: 'dag' },
      },
    });
    const { role, prompt } = await templates.prompt(createCall(), lead.id);
    expect(role).toBe('orchestrator');
    expect(prompt).toContain('Assign every task whose dependencies are completed');
    const odd = await services.sessions.create(createCall(), {
      ...{ projectId: project.id, taskIds: [], metadata: { role: 7, orchestratorStrategy: 'none' } },
    });
    expect((await templates.prompt(createCall(), odd.id)).role).toBe('worker');
  });
});
