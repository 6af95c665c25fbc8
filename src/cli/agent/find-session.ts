import type { RetryingClient } from '../server/retrying-client.ts';

/** Which sessions are looked at. */
export interface SessionSearch {
  readonly launcherId: string;
  /** Sessions that are passed over. */
  readonly left: ReadonlySet<string>;
  readonly projectId?: string | undefined;
}

/** An active session that this launcher has claimed before, else one that waits for a launcher; undefined for none. */
export async function findSession(
  server: RetryingClient,
  { launcherId, left, projectId }: SessionSearch,
): Promise<string | undefined> {
  const projects = projectId === undefined ? undefined : [projectId];
  const query = { active: true, projectId: projects, fields: ['id', 'status', 'launch'] } as const;
  return server.request(async (client) => {
    let free: string | undefined;
    for await (const { id, status, launch } of client.each('GET /api/sessions', { query })) {
      if (id === undefined || left.has(id)) continue;
      if (launch?.launcherId === launcherId) return id;
      if (status === 'spawning' && launch !== undefined && launch.launcherId === undefined) free ??= id;
    }
    return free;
  });
}
