import { z } from 'zod';
import { eventEnvelopeSchema } from '../../application/events/event-envelope.ts';
import { type Channel, parseChannel } from '../../domain/channel.ts';
import { idSchema } from '../../domain/values/id.ts';
import { json, stream } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { listOf, wholeNumber } from '../query-values.ts';
import { serverSentEvents } from '../server-sent-events.ts';

const positionSchema = z
  .string()
  .max(64)
  .meta({ description: 'A position, as X-Event-Position and events carry it; the present one by default.' });

const channelSchema = z
  .custom<Channel>((name) => typeof name === 'string' && parseChannel(name) !== undefined, {
    message: 'a channel is workspace, project:<id>, session:<id> or task:<id>',
  })
  .meta({ type: 'string', description: 'workspace, project:<id>, session:<id> or task:<id>.' });

const eventLogSchema = z
  .object({
    data: z.array(eventEnvelopeSchema),
    nextCursor: z.string().nullable().meta({ description: '`since` of what is there already, if anything.' }),
    hasMore: z.boolean(),
    position: z.string().meta({ description: 'Where this part ends: `since` of the next request.' }),
  })
  .meta({ id: 'EventLog', description: 'A part of the committed events of a project.' });

/** Committed events for those without a socket: a part of the log at a time, or as they come. */
export const eventEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/projects/:id/events',
    summary: 'Reads the log of events of a project behind a position, or waits for the next.',
    description:
      'Without `since` the answer is empty and says where the log stands. A position that is kept no longer is 410: read the state again, then go on from its X-Event-Position.',
    permission: 'event:read',
    params: { id: idSchema },
    query: {
      since: positionSchema.optional(),
      limit: wholeNumber(1, 1000).default(200),
      wait: wholeNumber(0, 30).default(0).meta({ description: 'Seconds to wait when there is nothing yet.' }),
    },
    answer: json(eventLogSchema),
    errors: ['NOT_FOUND', 'POSITION_LOST'],
    handle: ({ call, params, query }, { events }) => events.list(call, params.id, query),
  }),
  endpoint({
    method: 'GET',
    path: '/api/events/stream',
    summary: 'Follows channels as Server-Sent Events.',
    description:
      'The id of an event says where the client is in all of its streams: sent back as Last-Event-ID, the stream goes on behind it. A position that is kept no longer is 410.',
    permission: 'event:read',
    query: {
      channels: listOf(channelSchema),
      since: z.string().max(10_000).optional().meta({
        description: 'Where to begin, as X-Event-Position says it; the present by default.',
      }),
    },
    answer: stream('text/event-stream; charset=utf-8'),
    errors: ['NOT_FOUND', 'POSITION_LOST'],
    handle: async ({ call, query }, { eventFollow }) =>
      serverSentEvents(await eventFollow.follow(call, query)),
  }),
];
