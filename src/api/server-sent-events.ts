import type { FollowStep } from '../application/events/event-follow-service.ts';
import { formatPositions } from '../domain/position.ts';

/** How often a quiet stream says that it is alive, in milliseconds. */
const keepAliveIntervalMs = 15_000;

/** The steps as Server-Sent Events; the first only says where the client is, and now and then a comment says nothing. */
export async function* serverSentEvents(steps: AsyncIterable<FollowStep>): AsyncGenerator<string> {
  let saidAt: number | undefined;
  for await (const { event, positions } of steps) {
    const now = performance.now();
    const id = `id: ${formatPositions(positions)}\n`;
    if (event !== undefined) yield `${id}data: ${JSON.stringify(event)}\n\n`;
    else if (saidAt === undefined) yield `retry: 2000\n${id}\n`;
    else if (now - saidAt >= keepAliveIntervalMs) yield `: alive\n${id}\n`;
    else continue;
    saidAt = now;
  }
}
