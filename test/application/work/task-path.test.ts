import { describe, expect, it } from 'vitest';
import { findTaskPath, type TaskGraph } from '../../../src/application/work/task-path.ts';

type Link = readonly [from: string, to: string];

/** The graph of these links, and how many have been followed. */
function graphOf(links: readonly Link[]) {
  const followed = { count: 0 };
  async function* follow(ids: readonly string[]) {
    for (const id of ids) {
      followed.count += 1;
      yield id;
    }
  }
  const graph: TaskGraph = {
    next: (id) => follow(links.filter(([from]) => from === id).map(([, to]) => to)),
    previous: (id) => follow(links.filter(([, to]) => to === id).map(([from]) => from)),
  };
  return { graph, followed };
}

function isReachable(links: readonly Link[], from: readonly string[], to: string): boolean {
  const seen = new Set(from);
  for (const id of seen) for (const [source, target] of links) if (source === id) seen.add(target);
  return seen.has(to);
}

describe('a path between tasks', () => {
  it('[TK6] is found exactly when there is one, and each step of it is a link', async () => {
    let seed = 7;
    const random = (limit: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % limit;
    };
    let found = 0;
    for (let round = 0; round < 300; round++) {
      const id = () => `${random(12)}`;
      const links = Array.from({ length: random(24) }, (): Link => [id(), id()]);
      const from = [...new Set([id(), id()])];
      const to = id();
      const path = await findTaskPath(graphOf(links).graph, from, to);
      expect(path !== undefined).toBe(isReachable(links, from, to));
      if (path === undefined) continue;
      found += 1;
      expect(from).toContain(path[0]);
      expect(path.at(-1)).toBe(to);
      for (const [i, step] of path.slice(1).entries()) expect(links).toContainEqual([path[i], step]);
    }
    expect(found).toBeGreaterThan(50);
  });

  it('[TK17] costs no more than the smaller of the two sides', async () => {
    const links = Array.from({ length: 1000 }, (_, i): Link => [`${i + 1}`, `${i}`]);
    for (const [from, to] of [
      ['1000', 'new'],
      ['new', '0'],
    ] as const) {
      const { graph, followed } = graphOf(links);
      expect(await findTaskPath(graph, [from], to)).toBeUndefined();
      expect(followed.count).toBeLessThanOrEqual(2);
    }
  });
});
