import { z } from 'zod';
import type { SocketStatus } from '../../application/events/socket-monitor.ts';
import { instantSchema } from '../../domain/values/field-schemas.ts';
import { json } from '../answer.ts';
import { endpoint } from '../endpoint.ts';

const readyStates = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;

const ticketSchema = z
  .object({ ticket: z.string(), expiresAt: instantSchema })
  .meta({ id: 'Ticket', description: 'Opens one socket, as ?ticket=…, within 30 seconds.' });

const socketStatusSchema = z
  .object({
    connectedClients: z.int(),
    clients: z.array(
      z.object({
        readyState: z.int(),
        readyStateText: z.enum(readyStates),
        connectionId: z.string(),
        subject: z.string(),
        address: z.string(),
        openedAt: instantSchema,
        channels: z.array(z.string()),
        waitingBytes: z.int(),
      }),
    ),
  })
  .meta({ id: 'SocketStatus', description: 'The open sockets.' });

/** Sockets: how clients that can set no header get in, and how the open ones fare. */
export const socketEndpoints = [
  endpoint({
    method: 'POST',
    path: '/api/ws/tickets',
    summary: 'Makes a ticket that opens one socket within 30 seconds.',
    description: 'For clients that can send a token neither as a header nor as a subprotocol.',
    permission: 'event:read',
    answer: json(ticketSchema),
    handle: ({ call }, { tickets }) => tickets.issue(call),
  }),
  endpoint({
    method: 'GET',
    path: '/ws-status',
    summary: 'Tells how the open sockets fare.',
    permission: 'server:watch',
    answer: json(socketStatusSchema),
    handle: (_, { sockets }) => {
      const clients = sockets.status().map(clientOf);
      return { connectedClients: clients.length, clients };
    },
  }),
];

function clientOf(status: SocketStatus) {
  return { ...status, readyStateText: readyStates[status.readyState as 0 | 1 | 2 | 3] };
}
