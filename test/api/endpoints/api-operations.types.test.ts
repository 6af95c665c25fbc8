import { describe, expect, it } from 'vitest';
import type { ApiOperations } from '../../../src/api/endpoints/api-operations.ts';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';

/** What the compiler must accept and refuse; the type check of the project fails when a line of these is wrong. */
export function refused(): void {
  const start = {} as ApiOperations['POST /api/sessions/:id/queue/start'];
  const id: string = start.params.id;
  const wait: number | undefined = start.query.wait;
  const status: 'queued' | 'processing' | 'completed' | 'failed' | 'skipped' | undefined =
    start.answer.item?.status;
  const titles: string[] = ({} as ApiOperations['GET /api/tasks']).answer.map(({ title }) => title);
  const body: ApiOperations['POST /api/sessions/:id/queue/push']['body'] = { taskId: id };
  const text: string = ({} as ApiOperations['GET /llms.txt']).answer;
  void [wait, status, titles, body, text];

  // @ts-expect-error: a method that the path has not
  type WrongMethod = ApiOperations['DELETE /api/sessions/:id/queue/start'];
  // @ts-expect-error: a parameter that the path has not
  start.params.taskId;
  // @ts-expect-error: a query parameter that was not declared
  start.query.until;
  // @ts-expect-error: the query value is a number
  const words: string | undefined = start.query.wait;
  // @ts-expect-error: a key that the answer has not
  start.answer.nextItem;
  // @ts-expect-error: a body without its task
  const empty: ApiOperations['POST /api/sessions/:id/queue/push']['body'] = {};
  // @ts-expect-error: an endpoint without a body
  const surplus: ApiOperations['POST /api/sessions/:id/queue/start']['body'] = {};
  void [words, empty, surplus, {} as WrongMethod];
}

describe('the operations of the API', () => {
  it('[HT1] method and path name each endpoint alone, so that each keeps its own types', () => {
    const names = endpoints.map(({ method, path }) => `${method} ${path}`);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toContain('POST /api/sessions/:id/queue/start');
  });
});
