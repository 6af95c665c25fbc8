import { afterAll, beforeAll, expect, it } from 'vitest';
import { collections, type Kind, kinds } from '../../../../src/application/store/collections.ts';
import type { Query } from '../../../../src/application/store/store.ts';
import { filterColumns, sortColumns } from '../../../../src/storage/postgres/schema/entity-tables.ts';
import { buildListStatements } from '../../../../src/storage/postgres/transaction/list-statements.ts';
import { createDatabase, type TestDatabase } from '../../../support/postgres/postgres-database.ts';
import { samples } from '../../../support/samples/samples.ts';
import { loopCount } from '../../../support/time/loop-count.ts';

const count = loopCount(10_000, 50_000);

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  for (const kind of kinds) await fill(kind);
  await database.query('analyze');
}, 300_000);

afterAll(async () => database.drop());

for (const kind of kinds) {
  for (const index of [[], ...collections[kind].indexes] as readonly (readonly string[])[]) {
    for (const sort of sortColumns(kind).keys()) {
      for (const descending of [false, true]) {
        const title = `${kind} by ${index.join(' and ') || 'nothing'} in the order of ${sort}`;
        it(`[PG30] reads a page without reading the whole table: ${title}, ${descending ? 'down' : 'up'}`, async () => {
          const where = Object.fromEntries(
            index.map((filter) => [filter, `${spread(kind, filter).prefix}1`]),
          );
          const query = { where, sort, descending, limit: 200 } as Query<Kind>;
          const { page } = buildListStatements(kind, query);
          const plan = await database.query<{ 'QUERY PLAN': string }>(`explain ${page.sql}`, page.values);
          const text = plan.map((row) => row['QUERY PLAN']).join('\n');
          expect(text).toMatch(/Index|Bitmap/);
          expect(text).not.toMatch(/Seq Scan/);
        });
      }
    }
  }
}

/** How the values of a filter are spread: every tenth entity is in the same project, few have the same label. */
function spread(kind: Kind, filter: string): { readonly prefix: string; readonly different: number } {
  if (filter === 'projectId' && kind !== 'projects') return { prefix: 'proj_', different: 10 };
  if (filter === 'status') return { prefix: 'status_', different: 5 };
  if (filter === 'priority') return { prefix: 'priority_', different: 3 };
  return { prefix: `${filter}_`, different: 5000 };
}

async function fill(kind: Kind): Promise<void> {
  const filters = [...filterColumns(kind)];
  const sorts = [...sortColumns(kind).values()];
  const names = [
    'id',
    'version',
    'doc',
    ...filters.map(([, column]) => column.name),
    ...sorts.map((s) => s.name),
  ];
  const doc = JSON.stringify(samples[kind]()).replaceAll("'", "''");
  const values = [
    `'id_' || n`,
    '1',
    `'${doc}'::json`,
    ...filters.map(([filter, column]) => {
      const { prefix, different } = spread(kind, filter);
      const key = `'"${prefix}' || (n % ${different}) || '"'`;
      return column.type === 'many' ? `array[${key}]` : key;
    }),
    ...sorts.map((sort) =>
      sort.type === 'text' ? `convert_to('t' || (n * 7919 % ${count}), 'UTF8')` : `n * 7919 % ${count}`,
    ),
  ];
  await database.query(
    `insert into ${kind} (${names}) select ${values} from generate_series(0, ${count - 1}) as n`,
  );
}
