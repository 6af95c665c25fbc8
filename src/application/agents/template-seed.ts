import { createDefaultTemplate, defaultTemplateId } from '../../domain/agents/template.ts';
import { type AgentRole, agentRoleSchema } from '../../domain/work/agent-role.ts';
import type { Reader, Store } from '../store/store.ts';

/** Sees to it that every role has its default, active where no other template of the role is. */
export async function seedTemplates(store: Store): Promise<void> {
  const missing = await store.read(rolesWithoutDefault);
  if (missing.length === 0) return;
  await store.transaction('server', async (tx) => {
    await tx.lock('workspace');
    // Another process may have been at it meanwhile.
    for (const role of await rolesWithoutDefault(tx)) {
      const { items: active } = await tx.templates.list({ where: { activeFor: role }, limit: 1 });
      const template = await tx.templates.insert(createDefaultTemplate(role, active.length === 0, tx.now));
      tx.emit('template:created', { template });
    }
  });
}

async function rolesWithoutDefault(reader: Pick<Reader, 'templates'>): Promise<readonly AgentRole[]> {
  const missing: AgentRole[] = [];
  for (const role of agentRoleSchema.options) {
    if ((await reader.templates.get(defaultTemplateId(role))) === undefined) missing.push(role);
  }
  return missing;
}
