import { z } from 'zod';
import type { EventEnvelope } from '../../application/events/event-envelope.ts';
import { projectScopeSchema, roleSchema } from '../../domain/access/access.ts';
import { errorCodes } from '../../domain/errors.ts';
import { idSchema } from '../../domain/values/id.ts';

/** The subprotocol that this server speaks. */
export const protocolName = 'maestro.v1';

const frameId = z.string().max(64).meta({ description: 'Comes back with the answer.' });
const channel = z
  .string()
  .max(200)
  .meta({ description: 'workspace, project:<id>, session:<id> or task:<id>.' });
const position = z.string().max(64).meta({ description: 'A position in a stream: <epoch>:<seq>.' });
const since = position.meta({ description: 'Follow from after this position; from the head without it.' });
const milliseconds = z.int().min(0);
const errorCode = z
  .enum(errorCodes)
  .meta({ description: 'A code of the catalogue of errors, as over HTTP.' });

/** CATALOGUE: every frame that clients send, by its type. */
export const clientFrames = {
  subscribe: z
    .strictObject({
      type: z.literal('subscribe'),
      id: frameId.optional(),
      channel: channel.optional(),
      since: since.optional(),
      channels: z
        .array(z.union([channel, z.strictObject({ channel, since: since.optional() })]))
        .min(1)
        .max(100)
        .optional(),
    })
    .refine((frame) => (frame.channel === undefined) !== (frame.channels === undefined), {
      message: 'name either "channel" or "channels"',
    })
    .meta({ description: 'Asks for the events of channels. Each is answered by `subscribed` or `error`.' }),
  unsubscribe: z
    .strictObject({ type: z.literal('unsubscribe'), id: frameId.optional(), channel })
    .meta({ description: 'Ends a subscription; a second time changes nothing.' }),
  auth: z
    .strictObject({ type: z.literal('auth'), id: frameId.optional(), token: z.string().max(8192) })
    .meta({ description: 'Replaces a token that is about to expire with another of the same subject.' }),
  ping: z
    .strictObject({ type: z.literal('ping'), id: frameId.optional() })
    .meta({ description: 'Asks for a `pong`.' }),
} as const;

/** The type of a frame that clients send. */
export type ClientFrameType = keyof typeof clientFrames;

/** A frame that a client sends. */
export type ClientFrame = z.output<(typeof clientFrames)[ClientFrameType]>;

/** Why a subscription ended: on request, no longer visible to the actor, its position no longer in the log, or a failed read. */
const unsubscribeReason = z.enum(['requested', 'NOT_FOUND', 'POSITION_LOST', 'TRY_AGAIN']);

/** CATALOGUE: every frame that this server sends besides events, by its type. None has `data`. */
export const serverFrames = {
  welcome: z
    .object({
      type: z.literal('welcome'),
      protocol: z.literal(protocolName),
      connectionId: z.string(),
      actor: z.object({
        subject: z.string(),
        role: roleSchema,
        projects: projectScopeSchema,
        sessionId: idSchema.optional(),
      }),
      tokenExpiresAt: milliseconds.optional(),
      pingIntervalMs: milliseconds,
      limits: z.object({
        subscriptions: z.int(),
        commandsPerSecond: z.int(),
        commandBurst: z.int(),
        frameBytes: z.int(),
        outBufferBytes: z.int(),
      }),
    })
    .meta({ description: 'The first frame of every connection.' }),
  subscribed: z
    .object({
      type: z.literal('subscribed'),
      id: frameId.optional(),
      channel,
      stream: z.string(),
      position,
      recovered: z.boolean(),
    })
    .meta({
      description: 'The channel is followed from this position; `recovered` when the client named it.',
    }),
  error: z
    .object({
      type: z.literal('error'),
      id: frameId.optional(),
      channel: z.string().optional(),
      error: z.object({ code: errorCode, message: z.string() }),
      position: position.optional(),
    })
    .meta({ description: 'The command had no effect. With `POSITION_LOST` comes the position of the head.' }),
  unsubscribed: z
    .object({ type: z.literal('unsubscribed'), id: frameId.optional(), channel, reason: unsubscribeReason })
    .meta({ description: 'The subscription has ended.' }),
  authenticated: z
    .object({
      type: z.literal('authenticated'),
      id: frameId.optional(),
      tokenExpiresAt: milliseconds.optional(),
    })
    .meta({ description: 'The new token is accepted.' }),
  token_expiring: z
    .object({ type: z.literal('token_expiring'), expiresAt: milliseconds })
    .meta({ description: 'The token is about to expire: send `auth` with another.' }),
  pong: z.object({ type: z.literal('pong'), id: frameId.optional(), timestamp: milliseconds }).meta({
    description: 'The answer to `ping`.',
  }),
  bye: z
    .object({
      type: z.literal('bye'),
      code: z.int(),
      reason: z.string(),
      reconnectAfterMs: milliseconds.optional(),
    })
    .meta({ description: 'The last frame: the connection is closed with this code.' }),
} as const;

/** A frame that this server sends, other than an event. */
export type ServerFrame = z.output<(typeof serverFrames)[keyof typeof serverFrames]>;

/** Anything that this server sends. */
export type Frame = ServerFrame | EventEnvelope;

/** Why a subscription ended. */
export type UnsubscribeReason = z.output<typeof unsubscribeReason>;
