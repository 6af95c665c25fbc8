import { describe, expect, it } from 'vitest';
import { createManifest, manifestSchema } from '../../../src/domain/agents/manifest.ts';
import { samples } from '../../support/samples/samples.ts';

const roles = ['worker', 'orchestrator'] as const;
const strategies = ['simple', 'queue', 'tree'] as const;
const tools = [undefined, 'claude-code', 'codex', 'gemini'] as const;

/** The keys that existing agent programs allow in each part of a manifest, from their own schema. */
const allowed = {
  root: 'manifestVersion role strategy orchestratorStrategy tasks session context skills referenceTaskIds templateId agentTool',
  task: 'id title description acceptanceCriteria projectId createdAt parentId dependencies priority metadata status sessionIds activeSessionId',
  session: 'model permissionMode thinkingMode maxTurns timeout workingDirectory allowedCommands',
  context: 'codebaseContext relatedTasks projectStandards custom',
};
const unknownKeys = (value: object, part: keyof typeof allowed) =>
  Object.keys(value).filter((key) => !allowed[part].split(' ').includes(key));

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
  it.each(rows)('[MF1] of $role, $strategy, $agentTool is accepted by existing agent programs', (row) => {
    const manifest = createManifest(request(row));
    expect(manifestSchema.safeParse(manifest).error).toBeUndefined();
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(unknownKeys(manifest, 'root')).toEqual([]);
    for (const task of manifest.tasks) expect(unknownKeys(task, 'task')).toEqual([]);
    expect(unknownKeys(manifest.session, 'session')).toEqual([]);
    expect(unknownKeys(manifest.context ?? {}, 'context')).toEqual([]);
    expect(manifest.strategy).toBe(row.strategy === 'queue' ? 'queue' : 'simple');
    expect(manifest.agentTool).toBe(row.agentTool === 'claude-code' ? undefined : row.agentTool);
    expect(manifest.orchestratorStrategy).toBe(row.role === 'orchestrator' ? 'default' : undefined);
  });

  it('[MF1] contains the fields that the tasks have, and no others', () => {
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
