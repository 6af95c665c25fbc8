import { z } from 'zod';
import { channelsOfEvent, type EventData, type EventName, eventNames, events } from '../../domain/events.ts';
import { clientFrames, protocolName, serverFrames } from './frames.ts';

const description = `Committed events, as they happen, over a WebSocket at \`/ws\` with the subprotocol \`${protocolName}\`.
A client subscribes to channels and gets every event of them, in order and without a gap, also after a reconnect.`;

type Json = Readonly<Record<string, unknown>>;

/** Describes what travels on sockets in AsyncAPI 3, from the catalogues of events and frames. */
export function asyncApi(version: string): Json {
  const book = schemaRegistry();
  const sent = {
    ...mapNames(eventNames, (name) => eventMessage(name, book.ref)),
    ...frameMessages(serverFrames, book.ref),
  };
  const received = frameMessages(clientFrames, book.ref);
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
        address: '/ws',
        description: 'One connection; the frames of all its channels travel on it.',
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
      schemas: book.schemas(),
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

function eventMessage(name: EventName, ref: Reference): Json {
  const properties = {
    type: { const: name },
    event: { const: name, description: 'The same as type.' },
    data: ref(events[name].data, `${nameOf(name)}.data`),
    timestamp: { type: 'integer', description: 'Epoch milliseconds.' },
    stream: { type: 'string', description: 'The log it stands in.' },
    position: { type: 'string', description: 'Its place there: subscribe with it as `since`.' },
    channels: { type: 'array', items: { type: 'string' }, examples: [channelsInWords(name)] },
  };
  return {
    name,
    summary: events[name].description,
    payload: { type: 'object', properties, required: Object.keys(properties) },
  };
}

function frameMessages(frames: Readonly<Record<string, z.ZodType>>, ref: Reference): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(frames).map(([type, schema]) => [
      type,
      { name: type, summary: schema.meta()?.description, payload: ref(schema, `frame.${type}`) },
    ]),
  );
}

/** The channels of an event, with the names of fields where its data has ids. */
function channelsInWords(name: EventName): readonly string[] {
  const names = new Proxy({}, { get: (_, field) => `<${String(field)}>` });
  // Channels are made of the data's ids alone, and any string is one.
  return channelsOfEvent(name, names as EventData<EventName>);
}

type Reference = (schema: z.ZodType, name: string) => Json;

/** Schemas that are written down once each, and how to refer to them. */
function schemaRegistry(): { readonly ref: Reference; readonly schemas: () => Json } {
  const registry = z.registry<{ id: string }>();
  const uri = (id: string) => `#/components/schemas/${id}`;
  return {
    ref(schema, name) {
      const id = registry.get(schema)?.id ?? schema.meta()?.id ?? name;
      if (!registry.has(schema)) registry.add(schema, { id });
      return { $ref: uri(id) };
    },
    schemas() {
      const { schemas } = z.toJSONSchema(registry, { uri, io: 'input', target: 'draft-7' });
      return Object.fromEntries(
        Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]),
      );
    },
  };
}

function mapNames<Name extends string, T>(
  names: readonly Name[],
  make: (name: Name) => T,
): Record<string, T> {
  return Object.fromEntries(names.map((name) => [nameOf(name), make(name)]));
}

/** A name as keys of the document may be spelt. */
function nameOf(name: string): string {
  return name.replace(':', '.');
}
