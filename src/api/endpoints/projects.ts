import { z } from 'zod';
import { idSchema } from '../../domain/values/id.ts';
import { projectFields, projectSchema } from '../../domain/work/project.ts';
import { created, entity, json, page } from '../answer.ts';
import { deletedSchema } from '../deleted-schema.ts';
import { endpoint } from '../endpoint.ts';
import { flag } from '../query-values.ts';

const idParams = { id: idSchema };
const fields = z.object(projectFields);

/** The endpoints of projects. */
export const projectEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/projects',
    summary: 'Lists the projects you may see.',
    permission: 'project:read',
    query: { name: projectFields.name.optional() },
    answer: page(projectSchema, { sorts: ['createdAt', 'updatedAt', 'name'] }),
    handle: ({ call, query, page }, { projects }) => projects.list(call, { ...page, where: query }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/projects',
    summary: 'Creates a project.',
    permission: 'project:create',
    body: fields.partial().required({ name: true }),
    ignoredKeys: ['createdAt', 'updatedAt'],
    answer: created(projectSchema, (project) => `/api/projects/${project.id}`),
    handle: ({ call, body }, { projects }) => projects.create(call, body),
  }),
  endpoint({
    method: 'GET',
    path: '/api/projects/:id',
    summary: 'Gives one project.',
    permission: 'project:read',
    params: idParams,
    answer: entity(projectSchema),
    handle: ({ call, params }, { projects }) => projects.get(call, params.id),
  }),
  endpoint({
    method: 'PUT',
    path: '/api/projects/:id',
    summary: 'Changes the fields of a project that the body names.',
    permission: 'project:update',
    params: idParams,
    body: fields.partial(),
    ignoredKeys: ['createdAt', 'updatedAt'],
    answer: entity(projectSchema),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params, body }, { projects }) => projects.update(call, params.id, body),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/projects/:id',
    summary: 'Deletes a project; with `cascade=true` also all its tasks, sessions and documents.',
    permission: 'project:delete',
    params: idParams,
    query: { cascade: flag.optional() },
    answer: json(deletedSchema),
    errors: ['BUSINESS_RULE_ERROR', 'PRECONDITION_FAILED'],
    handle: ({ call, params, query }, { projects }) =>
      projects.remove(call, params.id, query.cascade ?? false),
  }),
];
