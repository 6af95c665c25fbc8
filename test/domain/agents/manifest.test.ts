import { describe, expect, it } from 'vitest';
import { createManifest, manifestSchema } from '../../../src/domain/agents/manifest.ts';
import { samples } from '../../support/samples/samples.ts';

const roles = ['worker', 'orchestrator'] as const;
const strategies = ['simple', 'queue', 'tree'] as const;
const tools = [undefined, 'claude-code', 'codex', 'gemini'] as const;

/** What existing agent programs allow at each place, as their own schema says. */
const allowed = {
  root: 'manifestVersion role strategy orchestratorStrategy tasks session context skills referenceTaskIds templateId agentTool',
  task: 'id title description acceptanceCriteria projectId createdAt parentId dependencies priority metadata status sessionIds activeSessionId',
  session: 'model permissionMode thinkingMode maxTurns timeout workingDirectory allowedCommands',
  context: 'codebaseContext relatedTasks projectStandards custom',
};
const known = (value: object, place: keyof typeof allowed) =>
  Object.keys(value).filter((key) => !allowed[place].split(' ').includes(key));

describe('the manifest', () => {
  const project = { ...samples.projects(), id: 'proj_sample' };
  const full = samples.tasks();
  const bare = {
    ...samples.tasks(),
    ...{ parentId: null, description: '', dependencies: [], referenceTaskIds: [], sessionIds: [] },
    status: 'archived' as const,
  };
  const request = (more: object) => ({
    ...{ sessionId: 'sess_1', sessionName: 'S', project, tasks: [full, bare], skills: ['counting'] },
    ...{ role: 'worker' as const, strategy: 'simple' as const },
    ...more,
  });

  const rows = roles.flatMap((role) =>
    strategies.flatMap((strategy) => tools.map((agentTool) => ({ role, strategy, agentTool }))),
  );
  it.each(rows)('[MF1] of $role, $strategy, $agentTool is what existing agent programs take', (row) => {
    const manifest = createManifest(request(row));
    expect(manifestSchema.safeParse(manifest).error).toBeUndefined();
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(known(manifest, 'root')).toEqual([]);
    for (const task of manifest.tasks) expect(known(task, 'task')).toEqual([]);
    expect(known(manifest.session, 'session')).toEqual([]);
    expect(known(manifest.context ?? {}, 'context')).toEqual([]);
    expect(manifest.strategy).toBe(row.strategy === 'queue' ? 'queue' : 'simple');
    expect(manifest.agentTool).toBe(row.agentTool === 'claude-code' ? undefined : row.agentTool);
    expect(manifest.orchestratorStrategy).toBe(row.role === 'orchestrator' ? 'default' : undefined);
  });

  it('[MF1] says what the tasks say, and leaves out what they do not', () => {
    const manifest = createManifest(request({ model: 'large' }));
    expect(manifest.tasks[0]).toMatchObject({
      id: full.id,
      createdAt: new Date(full.createdAt).toISOString(),
      parentId: full.parentId,
      dependencies: full.dependencies,
      status: 'in_progress',
    });
    for (const key of ['parentId', 'dependencies', 'status', 'sessionIds'])
      expect(manifest.tasks[1]).not.toHaveProperty(key);
    expect(manifest).toMatchObject({
      manifestVersion: '1.0',
      session: { model: 'large', permissionMode: 'acceptEdits', workingDirectory: project.workingDir },
      referenceTaskIds: full.referenceTaskIds,
      skills: ['counting'],
    });
    expect(createManifest(request({ skills: [] }))).not.toHaveProperty('skills');
  });
});
