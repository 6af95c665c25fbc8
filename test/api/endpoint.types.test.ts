import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { created, entity, json, page, text } from '../../src/api/answer.ts';
import { defaultBodyLimits, endpoint } from '../../src/api/endpoint.ts';
import { listOf } from '../../src/api/query-values.ts';
import type { Reader, Transaction } from '../../src/application/store/store.ts';
import { idSchema } from '../../src/domain/values/id.ts';
import { compactTaskSchema, toCompactTask } from '../../src/domain/work/compact-task.ts';
import { type Task, taskSchema, taskStatusSchema } from '../../src/domain/work/task.ts';

const echo = json(z.object({ id: z.string() }));
const compact = { schema: compactTaskSchema, of: toCompactTask };

/** What the compiler must refuse; the type check of the project fails when a line of these compiles. */
export function refused(): void {
  endpoint({
    method: 'POST',
    path: '/api/echo/:id/of/:taskId',
    summary: 'Says what was declared.',
    permission: 'task:read',
    params: { id: idSchema, taskId: idSchema },
    query: { deep: z.string().optional() },
    body: z.object({ n: z.number() }),
    answer: echo,
    handle: ({ params, query, body }) => ({
      id: `${params.id}${params.taskId}${query.deep}${body.n.toFixed()}`,
    }),
  });

  endpoint({
    method: 'GET',
    path: '/api/tasks',
    summary: 'Lists tasks.',
    permission: 'task:read',
    query: { status: listOf(taskStatusSchema).optional() },
    answer: page(taskSchema, { sorts: ['createdAt', 'title'], compact }),
    handle: ({ call, query, page }, services) => services.tasks.list(call, { ...page, where: query }),
  });

  // @ts-expect-error: an endpoint says who may use it
  endpoint({ method: 'GET', path: '/api/echo', summary: '', answer: echo, handle: () => ({ id: '' }) });

  endpoint({
    method: 'GET',
    path: '/api/echo',
    summary: '',
    // @ts-expect-error: permissions are those of the catalogue
    permission: 'task:reed',
    answer: echo,
    handle: () => ({ id: '' }),
  });

  endpoint({
    method: 'POST',
    path: '/api/echo',
    summary: '',
    permission: 'task:read',
    answer: echo,
    // @ts-expect-error: a body that was not declared
    handle: ({ body }) => ({ id: `${body}` }),
  });

  endpoint({
    method: 'GET',
    path: '/api/echo',
    summary: '',
    permission: 'task:read',
    answer: echo,
    // @ts-expect-error: a query that was not declared
    handle: ({ query }) => ({ id: `${query}` }),
  });

  endpoint({
    method: 'POST',
    path: '/api/echo',
    summary: '',
    permission: 'task:read',
    body: z.object({ n: z.number() }),
    answer: echo,
    // @ts-expect-error: a key that the body has not
    handle: ({ body }) => ({ id: `${body.m}` }),
  });

  endpoint({
    method: 'GET',
    path: '/api/echo/:id',
    summary: '',
    permission: 'task:read',
    // @ts-expect-error: a parameter that the path has not
    params: { id: idSchema, taskId: idSchema },
    answer: echo,
    handle: () => ({ id: '' }),
  });

  endpoint({
    method: 'GET',
    path: '/api/echo/:id',
    summary: '',
    permission: 'task:read',
    // @ts-expect-error: a parameter of the path without a schema
    params: {},
    answer: echo,
    handle: () => ({ id: '' }),
  });

  endpoint(
    // @ts-expect-error: a path with parameters, and no schema for any
    {
      method: 'GET',
      path: '/api/echo/:id',
      summary: '',
      permission: 'task:read',
      answer: echo,
      handle: () => ({ id: '' }),
    },
  );

  endpoint({
    method: 'GET',
    path: '/health',
    summary: '',
    permission: 'public',
    answer: echo,
    // @ts-expect-error: nobody calls an open endpoint
    handle: ({ call }) => ({ id: `${call}` }),
  });

  endpoint({
    method: 'GET',
    path: '/api/echo',
    summary: '',
    permission: 'task:read',
    answer: echo,
    // @ts-expect-error: another answer than the declared one
    handle: () => ({ name: '' }),
  });

  endpoint({
    method: 'GET',
    path: '/api/tasks/:id',
    summary: '',
    permission: 'task:read',
    params: { id: idSchema },
    answer: entity(taskSchema),
    // @ts-expect-error: a page is no entity
    handle: ({ call }, services) => services.tasks.list(call, { limit: 1 }),
  });

  endpoint({
    method: 'GET',
    path: '/api/tasks',
    summary: '',
    permission: 'task:read',
    answer: page(taskSchema, { sorts: ['colour'] }),
    // @ts-expect-error: a sort that the collection has not
    handle: ({ call, page }, services) => services.tasks.list(call, page),
  });

  // @ts-expect-error: the location is made from the value
  created(taskSchema, (task) => task.colour);
}

/** Events have the names and the data of their catalogue. */
export function refusedEvents(tx: Transaction, task: Task): void {
  tx.emit('task:created', task);
  // @ts-expect-error: a misspelt event
  tx.emit('task:craeted', task);
  // @ts-expect-error: the data of another event
  tx.emit('task:deleted', task.title);
}

/** Only a transaction writes. */
export async function refusedWrites(reader: Reader, tx: Transaction, task: Task): Promise<void> {
  await tx.tasks.insert(task);
  // @ts-expect-error: a write outside a transaction
  await reader.tasks.insert(task);
  // @ts-expect-error: a write outside a transaction
  await reader.timeline.append('s', 'p', {});
  // @ts-expect-error: an event outside a transaction
  reader.emit('task:created', task);
}

describe('what does not compile', () => {
  it('[HT1] an endpoint keeps what it declared and fills in what it left out', () => {
    const one = endpoint({
      method: 'GET',
      path: '/a/:id',
      summary: 'Says a.',
      permission: 'public',
      params: { id: idSchema },
      answer: text('text/plain'),
      handle: ({ params }) => params.id,
    });
    expect(one).toMatchObject({
      path: '/a/:id',
      permission: 'public',
      query: {},
      body: undefined,
      bodyLimits: defaultBodyLimits,
    });
  });
});
