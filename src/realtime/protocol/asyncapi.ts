import type { z } from 'zod';
import { SchemaRegistry } from '../../api/schema-registry.ts';
import { channelsOfEvent, type EventData, type EventName, eventNames, events } from '../../domain/events.ts';
import { clientFrames, protocolName, serverFrames } from './frames.ts';

const description = `Committed events, as they happen, over WebSocket at \`/ws\` with the subprotocol \`${protocolName}\`.
A client subscribes to channels and receives every event of them, in order and without a gap, also after a reconnect.`;

type Json = Readonly<Record<string, unknown>>;

/** Adds a schema to the document and returns a reference to it. */
type Refer = (name: string, schema: z.ZodType) => Json;

/**
 * Describes everything sent over WebSocket in AsyncAPI 3, from the catalogues of events and frames; `basePath` is the path
 * under which clients reach the server, as in `/maestro`.
 */
export function asyncApi(version: string, basePath = ''): Json {
  const registry = new SchemaRegistry('draft-7');
  const output: Refer = (name, schema) => registry.addComponent(name, registry.output(schema));
  const input: Refer = (name, schema) => registry.addComponent(name, registry.input(schema));
  const sent = {
    ...mapNames(eventNames, (name) => eventMessage(name, output)),
    ...frameMessages(serverFrames, output),
  };
  const received = frameMessages(clientFrames, input);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Maestro Server',
      version,
      description,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: `${basePath}/ws`,
        description: 'One connection, which carries the frames of all its channels.',
        messages: mapNames([...Object.keys(sent), ...Object.keys(received)], (name) => ({
          $ref: `#/components/messages/${name}`,
        })),
      },
    },
    operations: {
      deliver: operation('send', 'What the server sends.', Object.keys(sent)),
      command: operation('receive', 'What clients send.', Object.keys(received)),
    },
    components: {
      messages: { ...sent, ...received },
      schemas: registry.components,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(action: 'send' | 'receive', summary: string, names: readonly string[]): Json {
  const channel = '#/channels/socket';
  return {
    action,
    summary,
    channel: { $ref: channel },
    security: [{ $ref: '#/components/securitySchemes/bearer' }],
    messages: names.map((name) => ({ $ref: `${channel}/messages/${name}` })),
  };
}

function eventMessage(name: EventName, refer: Refer): Json {
  const properties = {
    type: { const: name },
    event: { const: name, description: 'The same as type.' },
    data: refer(`${nameOf(name)}.data`, events[name].data),
    timestamp: { type: 'integer', description: 'Epoch milliseconds.' },
    stream: { type: 'string', description: 'The stream that it is in.' },
    position: { type: 'string', description: 'Its position in that stream: subscribe with it as `since`.' },
    channels: { type: 'array', items: { type: 'string' }, examples: [channelsInWords(name)] },
  };
  return {
    name,
    summary: events[name].description,
    payload: { type: 'object', properties, required: Object.keys(properties) },
  };
}

function frameMessages(frames: Readonly<Record<string, z.ZodType>>, refer: Refer): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(frames).map(([type, schema]) => [
      type,
      { name: type, summary: schema.meta()?.description, payload: refer(`frame.${type}`, schema) },
    ]),
  );
}

/** The channels of an event, with names of fields in place of the ids of its data. */
function channelsInWords(name: EventName): readonly string[] {
  const names = new Proxy({}, { get: (_, field) => `<${String(field)}>` });
  // Channels depend on the ids of the data only, and any string will do as one.
  return channelsOfEvent(name, names as EventData<EventName>);
}

function mapNames<Name extends string, T>(
  names: readonly Name[],
  make: (name: Name) => T,
): Record<string, T> {
  return Object.fromEntries(names.map((name) => [nameOf(name), make(name)]));
}

/** The name in characters that keys of the document may have. */
function nameOf(name: string): string {
  return name.replace(':', '.');
}
