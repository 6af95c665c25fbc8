import { z } from 'zod';
import { templateFields, templateSchema } from '../../domain/agents/template.ts';
import { idSchema } from '../../domain/values/id.ts';
import { agentRoleSchema } from '../../domain/work/agent-role.ts';
import { created, entity, json, page } from '../answer.ts';
import { deletedSchema } from '../deleted-schema.ts';
import { endpoint } from '../endpoint.ts';

const idParams = { id: idSchema };
const roleParams = { role: agentRoleSchema };

const templatePatchSchema = z
  .object({
    name: templateFields.name.optional(),
    content: templateFields.content.optional(),
    active: z
      .literal(true, 'one template of each role is active: say true for another one')
      .optional()
      .meta({ description: 'Puts it in the place of the active one.' }),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'name what to change');

/** The endpoints of templates. */
export const templateEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/templates',
    summary: 'Lists templates.',
    permission: 'template:read',
    query: { role: agentRoleSchema.optional() },
    answer: page(templateSchema, { sorts: ['createdAt', 'updatedAt', 'name'] }),
    handle: ({ call, query, page }, { templates }) => templates.list(call, { ...page, where: query }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/templates',
    summary: 'Creates a template, which is not active until that is said.',
    permission: 'template:manage',
    body: z.object({ ...templateFields, role: agentRoleSchema }),
    answer: created(templateSchema, (template) => `/api/templates/${template.id}`),
    handle: ({ call, body }, { templates }) => templates.create(call, body),
  }),
  endpoint({
    method: 'GET',
    path: '/api/templates/role/:role',
    summary: 'Gives the template that agents of a role are given.',
    permission: 'template:read',
    params: roleParams,
    answer: entity(templateSchema),
    handle: ({ call, params }, { templates }) => templates.activeForRole(call, params.role),
  }),
  endpoint({
    method: 'GET',
    path: '/api/templates/default/:role',
    summary: 'Gives the content that the default of a role has at first.',
    permission: 'template:read',
    params: roleParams,
    answer: json(z.object({ role: agentRoleSchema, content: z.string() })),
    handle: ({ params }, { templates }) => templates.defaultForRole(params.role),
  }),
  endpoint({
    method: 'GET',
    path: '/api/templates/:id',
    summary: 'Gives one template.',
    permission: 'template:read',
    params: idParams,
    answer: entity(templateSchema),
    handle: ({ call, params }, { templates }) => templates.get(call, params.id),
  }),
  endpoint({
    method: 'PUT',
    path: '/api/templates/:id',
    summary: 'Changes a template, or makes it the active one of its role.',
    permission: 'template:manage',
    params: idParams,
    body: templatePatchSchema,
    answer: entity(templateSchema),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params, body }, { templates }) => templates.update(call, params.id, body),
  }),
  endpoint({
    method: 'POST',
    path: '/api/templates/:id/reset',
    summary: 'Gives a template the content that the default of its role has at first.',
    permission: 'template:manage',
    params: idParams,
    answer: entity(templateSchema),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params }, { templates }) => templates.reset(call, params.id),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/templates/:id',
    summary:
      'Deletes a template; the default takes its place when it was active, and is never deleted itself.',
    permission: 'template:manage',
    params: idParams,
    answer: json(deletedSchema),
    errors: ['CONFLICT', 'PRECONDITION_FAILED'],
    handle: ({ call, params }, { templates }) => templates.remove(call, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/prompt',
    summary: 'Gives what the agent of a session is told: the active template of its role, filled in.',
    permission: 'session:read',
    params: idParams,
    answer: json(
      z
        .object({ templateId: idSchema, role: agentRoleSchema, prompt: z.string() })
        .meta({ id: 'Prompt', description: 'What the agent of a session is told.' }),
    ),
    handle: ({ call, params }, { templates }) => templates.prompt(call, params.id),
  }),
];
