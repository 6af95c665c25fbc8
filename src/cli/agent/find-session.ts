import { z } from 'zod';
import type { RetryingClient } from '../server/retrying-client.ts';

const pageSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      launch: z.object({ launcherId: z.string().optional() }).optional(),
    }),
  ),
  nextCursor: z.string().nullable(),
});

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
  let free: string | undefined;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ active: 'true', envelope: 'true', fields: 'id,status,launch' });
    if (projectId !== undefined) query.set('projectId', projectId);
    if (cursor !== '') query.set('cursor', cursor);
    const page: z.infer<typeof pageSchema> = await server.get(pageSchema, `/api/sessions?${query}`);
    for (const { id, status, launch } of page.data.filter((session) => !left.has(session.id))) {
      if (launch?.launcherId === launcherId) return id;
      if (status === 'spawning' && launch !== undefined && launch.launcherId === undefined) free ??= id;
    }
    cursor = page.nextCursor;
  }
  return free;
}
