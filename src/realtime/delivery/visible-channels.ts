import type { ActorReader } from '../../application/access/actor-store.ts';
import { type Channel, streamOfProject } from '../../domain/channel.ts';
import type { PageKey } from '../../domain/values/page.ts';

const pageSize = 1000;

/** The channels of the workspace and of every project that the reader's actor may see. */
export async function listVisibleChannels(reader: ActorReader): Promise<Channel[]> {
  const channels: Channel[] = ['workspace'];
  let after: PageKey | undefined;
  do {
    const page = await reader.projects.list({ limit: pageSize, after });
    channels.push(...page.items.map(({ id }) => streamOfProject(id)));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return channels;
}
