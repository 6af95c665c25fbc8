import { expect, it } from 'vitest';
import { parseBackupLine } from '../../../src/application/transfer/backup-lines.ts';

const event = (data: string) =>
  `{"stream":"workspace","seq":1,"name":"project:deleted","data":${data},"timestamp":1,"actor":"admin"}`;

it('[BK4] a line of a backup is rejected when an object in it has the key __proto__', () => {
  expect(parseBackupLine(event('{"id":"proj_1"}'), false)).toMatchObject({ seq: 1 });
  expect(() => parseBackupLine(event('{"id":"proj_1","__proto__":{"role":"admin"}}'), false)).toThrow(
    /has the key __proto__/,
  );
});
