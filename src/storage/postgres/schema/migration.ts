/** One step of the schema; what was once released is never changed, only followed by another. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}
