import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, type OptionalFields, omitUndefined } from '../values/immutable.ts';
import { type AgentRole, agentRoleSchema } from '../work/agent-role.ts';
import { defaultTemplates } from './default-templates.ts';

/** What a client may say of a template. */
export const templateFields = {
  name: z.string().trim().min(1).max(500),
  /** Every event of a template carries it, and has to fit into a frame. */
  content: z
    .string()
    .min(1)
    .max(100_000)
    .meta({ description: 'What an agent is told; its variables are filled in for each session.' }),
};

/** What agents of a role are told at their start. */
export const templateSchema = z
  .object({
    id: idSchema,
    ...templateFields,
    role: agentRoleSchema,
    isDefault: z.boolean().meta({ description: 'Came with the server, and cannot be deleted.' }),
    active: z.boolean().meta({ description: 'Is the one that agents of its role are given.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Template', description: 'What agents of a role are told at their start.' });

export type Template = DeepReadonly<z.infer<typeof templateSchema>>;

/** A new template that is not in use yet. */
export function createTemplate(
  id: string,
  input: Pick<Template, 'name' | 'role' | 'content'>,
  now: number,
): Template {
  return { id, ...input, isDefault: false, active: false, createdAt: now, updatedAt: now, version: 1 };
}

/** The default of a role, active or not, as it is made at the first start. */
export function createDefaultTemplate(role: AgentRole, active: boolean, now: number): Template {
  const name = `Default ${role === 'worker' ? 'Worker' : 'Orchestrator'} Template`;
  const template = createTemplate(
    defaultTemplateId(role),
    { name, role, content: defaultTemplates[role] },
    now,
  );
  return { ...template, isDefault: true, active };
}

/** The id of the default of a role, on every server the same. */
export function defaultTemplateId(role: AgentRole): string {
  return `tmpl_default_${role}`;
}

/** The template with the changes; the same value when they change nothing. */
export function changeTemplate(
  template: Template,
  changes: OptionalFields<Pick<Template, 'name' | 'content' | 'active'>>,
  now: number,
): Template {
  const after = applyChanges(template, omitUndefined(changes));
  return after === template ? template : { ...after, updatedAt: now };
}

/** The template with the content of the default of its role. */
export function resetTemplate(template: Template, now: number): Template {
  return changeTemplate(template, { content: defaultTemplates[template.role] }, now);
}
