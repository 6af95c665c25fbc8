/** One step of the schema. A released migration is never changed; another one follows it. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}
