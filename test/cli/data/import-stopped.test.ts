import { expect, it, onTestFinished } from 'vitest';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { startCommandHarness } from '../../support/programs/command-harness.ts';

const issues = (count: number) =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ id: `obs-${i}`, title: 'T', status: 'open' }));

it.each([
  ['/api/projects/:id/backlog', 'Until then 500 of 600 issues were imported', 'and the links of 0.'],
  ['/api/projects/:id/backlog/links', 'Until then 600 of 600 issues were imported', 'and the links of 500.'],
])(
  '[BL40] an import that %s stops says how far it came, and goes on when it is run again',
  async (path, ...said) => {
    let left = 1;
    const bench = await startCommandHarness(
      endpoints.map((endpoint) =>
        endpoint.path === path
          ? {
              ...endpoint,
              handle: (...args: Parameters<typeof endpoint.handle>) => {
                if (left-- === 0) throw new AppError('STORE_FAILED', 'The disk is gone.');
                return endpoint.handle(...args);
              },
            }
          : endpoint,
      ),
    );
    onTestFinished(() => bench.http.stop());
    const run = () => bench.run(['import', '-', '--project', 'Observatory'], issues(600).join('\n'));
    const { code, err, out } = await run();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    for (const part of said) expect(err).toContain(part);
    expect(err).toContain('To go on, import the file again');
    expect((await run()).code).toBe(0);
    expect((await run()).out).toContain(': 0 created, 0 updated, 600 unchanged, 0 reported.');
  },
);
