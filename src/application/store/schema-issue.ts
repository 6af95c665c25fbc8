/** What is asked of a schema here: whether a value fits, and where it does not. */
interface Validator {
  safeParse(value: unknown): {
    readonly error?:
      | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
      | undefined;
  };
}

/** The first thing that is wrong with a value, as `path: message`; undefined when it fits the schema. */
export function findSchemaIssue(schema: Validator, value: unknown): string | undefined {
  const issue = schema.safeParse(value).error?.issues[0];
  return issue && `${issue.path.join('.') || 'it'}: ${issue.message}`;
}
