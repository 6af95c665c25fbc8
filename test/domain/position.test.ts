import { describe, expect, it } from 'vitest';
import type { Stream } from '../../src/domain/channel.ts';
import { formatPositions, type Position, parsePositions } from '../../src/domain/position.ts';

describe('positions in several streams', () => {
  it('[RT31] are parsed as they were formatted', () => {
    const positions = new Map<Stream, Position>([
      ['project:p1', { epoch: 'k3f9', seq: 812 }],
      ['workspace', { epoch: 'a', seq: 0 }],
    ]);
    const text = formatPositions(positions);
    expect(text).toBe('project:p1=k3f9:812, workspace=a:0');
    expect(parsePositions(text)).toEqual(positions);
  });

  it('[RT31] are not parsed when any of them is not valid', () => {
    for (const text of [
      '',
      'workspace',
      'workspace=a',
      'task:t1=a:1',
      'project:p1=a:1,',
      'project:p1=a:01',
    ]) {
      expect(parsePositions(text), text).toBeUndefined();
    }
  });
});
