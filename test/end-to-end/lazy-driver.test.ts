import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const app = pathToFileURL(join(import.meta.dirname, '../../dist/app.js')).href;

it('[PG46] loads the driver of PostgreSQL only for a store there', async () => {
  const script = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(app)});
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const of = (name) => loaded.some((path) => path.includes('/node_modules/' + name + '/'));
    console.log(JSON.stringify({ express: of('express'), pg: of('pg') }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual({ express: true, pg: false });
});
