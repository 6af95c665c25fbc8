import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, type OptionalFields, omitUndefined } from '../values/immutable.ts';
import { type AgentRole, agentRoleSchema } from '../work/agent-role.ts';
import { defaultTemplates } from './default-templates.ts';

/** The fields of a template that clients set. */
export const templateFields = {
  name: z.string().trim().min(1).max(500),
  /** Events of the template carry its content, and have to fit into a frame. */
  content: z
    .string()
    .min(1)
    .max(100_000)
    .meta({ description: 'Instructions for an agent; variables are filled in for each session.' }),
};

/** The instructions that agents of a role get at their start. */
export const templateSchema = z
  .object({
    id: idSchema,
    ...templateFields,
    role: agentRoleSchema,
    isDefault: z
      .boolean()
      .meta({ description: 'Whether the template came with the server; it cannot be deleted then.' }),
    active: z.boolean().meta({ description: 'Whether agents of the role get this template.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Template', description: 'The instructions that agents of a role get at their start.' });

export type Template = DeepReadonly<z.infer<typeof templateSchema>>;

/** A new template, not active yet. */
export function createTemplate(
  id: string,
  input: Pick<Template, 'name' | 'role' | 'content'>,
  now: number,
): Template {
  return { id, ...input, isDefault: false, active: false, createdAt: now, updatedAt: now, version: 1 };
}

/** The default template of a role, as the first start creates it. */
export function createDefaultTemplate(role: AgentRole, active: boolean, now: number): Template {
  const name = `Default ${role === 'worker' ? 'Worker' : 'Orchestrator'} Template`;
  const template = createTemplate(
    defaultTemplateId(role),
    { name, role, content: defaultTemplates[role] },
    now,
  );
  return { ...template, isDefault: true, active };
}

/** The id of the default template of a role, the same on every server. */
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

/** The template with the default content of its role. */
export function resetTemplate(template: Template, now: number): Template {
  return changeTemplate(template, { content: defaultTemplates[template.role] }, now);
}
