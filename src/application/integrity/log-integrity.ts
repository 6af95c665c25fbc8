import { logKinds, logs } from '../store/collections.ts';
import { eachEntity, eachLogEntry, eachLogOwner } from '../store/paginate.ts';
import { findSchemaIssue } from '../store/schema-issue.ts';
import type { Reader } from '../store/store.ts';

/** Every entry of a log that does not fit its schema, and every document whose content is not where it should be. */
export async function* checkLogIntegrity(reader: Reader): AsyncGenerator<string> {
  for await (const { id } of eachLogOwner(reader)) {
    for (const log of logKinds) {
      for await (const { n, entry } of eachLogEntry(reader, log, id)) {
        const issue = findSchemaIssue(logs[log].entry, entry);
        if (issue !== undefined) yield `Entry ${n} in the ${log} of ${id}: ${issue}.`;
      }
    }
  }
  for await (const { id, content } of eachEntity(reader.documents, {})) {
    if (content === undefined) continue;
    const [item] = await reader.contents.read(content.log, content.n - 1, 1);
    if (item?.entry.documentId === id) continue;
    yield `The content of the document ${id} is not entry ${content.n} of the contents of ${content.log}.`;
  }
}
