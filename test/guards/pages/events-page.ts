import { z } from 'zod';
import { channelsOfEvent, type EventName, eventNames, events } from '../../../src/domain/events.ts';
import { describeType, type Schema, toSchema } from './describe-schema.ts';
import { row, table } from './markdown-table.ts';

const link = (name: string): string => `[${name}](api.md#${name.toLowerCase()})`;

/** docs/events.md: every event with its description, its channels and its data. */
export function eventsPage(): string {
  const subjects = [...new Set(eventNames.map(subjectOf))];
  return `${[
    intro,
    ...subjects.flatMap((subject) => [
      `## ${subject}`,
      table(
        ['event', 'when', 'channels', 'data'],
        eventNames.filter((name) => subjectOf(name) === subject).map(eventRow),
      ),
    ]),
    '## Fields',
    table(['field', 'type', 'description'], envelopeRows()),
  ].join('\n\n')}\n`;
}

function eventRow(name: EventName): string {
  const channels = channelsOfEvent(name, namesAsData(name)).map((channel) => `\`${channel}\``);
  return row(`\`${name}\``, events[name].description, channels.join(' '), describeData(name));
}

function describeData(name: EventName): string {
  const whole = events[name].data.meta()?.id;
  if (whole !== undefined) return `the ${link(whole)}`;
  const { properties, required } = dataOf(name);
  return Object.keys(properties ?? {})
    .map((field) => `\`${field}\`${required?.includes(field) ? '' : '?'}`)
    .join(', ');
}

function envelopeRows(): string[] {
  const notes = new Map<string, string>();
  for (const name of eventNames.filter((name) => events[name].data.meta()?.id === undefined)) {
    for (const [field, schema] of Object.entries(dataOf(name).properties ?? {})) {
      const key = row(`\`${field}\``, describeType(schema, link));
      notes.set(key, notes.get(key) || (schema.description ?? ''));
    }
  }
  return [...notes].map(([key, note]) => `${key} ${note} |`).sort();
}

/** Data in which each field says its own name; the channels made of it say which fields they need. */
function namesAsData(name: EventName): never {
  const fields = Object.keys(events[name].data.shape).map((field) => [field, `{${field}}`]);
  return Object.fromEntries(fields) as never;
}

function dataOf(name: EventName): Schema {
  return toSchema(z.toJSONSchema(events[name].data, { io: 'output', unrepresentable: 'any' }));
}

function subjectOf(name: EventName): string {
  return name.split(':')[0] ?? name;
}

const intro = `# Events

Every event that this server commits, in the same transaction as the state that it describes. Rendered from the catalogue in
\`src/domain/events.ts\` by \`npm run docs\`; do not edit it here.

An event is recorded once in each stream that its channels belong to: \`workspace\`, or that of the project. Its
position there is \`<epoch>:<seq>\`; \`seq\` has no gaps. A field with \`?\` is optional.`;
