import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/domain/errors.ts';
import { eventNames } from '../../../src/domain/events.ts';
import { clientFrames, serverFrames } from '../../../src/realtime/protocol/frames.ts';
import { type RealtimeHarness, startRealtime } from '../../support/servers/start-realtime.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const run = promisify(execFile);

describe('/asyncapi.json', () => {
  let harness: RealtimeHarness;
  beforeAll(async () => {
    harness = await startRealtime();
  });
  afterAll(() => harness.stop());

  it('[RT30] describes every event and every frame', async () => {
    const { status, body } = await harness.send('GET', '/asyncapi.json');
    expect({ status, version: body.asyncapi }).toEqual({ status: 200, version: '3.0.0' });
    const events = eventNames.map((name) => name.replace(':', '.'));
    const messages = [...events, ...Object.keys(serverFrames), ...Object.keys(clientFrames)];
    expect(Object.keys(body.components.messages).sort()).toEqual(messages.sort());
    const { payload } = body.components.messages['task:updated'.replace(':', '.')];
    expect(payload.properties.data.$ref).toBe('#/components/schemas/Task');
    expect(body.components.schemas.Task.properties.title).toBeDefined();
  });

  it('[RT90] lists for errors in frames the codes of the catalogue', async () => {
    const { body } = await harness.send('GET', '/asyncapi.json');
    const { 'frame.error': error, 'frame.unsubscribed': unsubscribed } = body.components.schemas;
    expect(error.properties.error.properties.code.enum).toEqual(errorCodes);
    const reasons: string[] = unsubscribed.properties.reason.enum;
    expect(errorCodes).toEqual(expect.arrayContaining(reasons.filter((reason) => reason !== 'requested')));
  });

  it('[RT30] is sound by an independent linter', async () => {
    const { body } = await harness.send('GET', '/asyncapi.json');
    const document = join(await createTempFolder(), 'asyncapi.json');
    await writeFile(document, JSON.stringify(body));
    const redocly = join(import.meta.dirname, '../../../node_modules/@redocly/cli/bin/cli.js');
    const { stdout } = await run(process.execPath, [redocly, 'lint', document, '--format=json'], {
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    });
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });
});
