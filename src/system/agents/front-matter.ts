import { Composer, type Document, Lexer, Parser } from 'yaml';

/** The longest header, in characters. */
const maxHeaderLength = 16_384;

/** How deep lists and maps may nest: the composer of the library recurses, and would overflow the stack. */
const maxDepth = 32;

/** The YAML between two lines of dashes at the top of a file, parsed, and the text after it. */
export interface FrontMatter {
  readonly header: unknown;
  readonly body: string;
}

/**
 * Splits the text of a file into header and body. Every scalar of the header stays text: none becomes a number, a date
 * or another object, and aliases are an error. Throws an Error whose message says what is wrong.
 */
export function parseFrontMatter(text: string): FrontMatter {
  const [, source, body] = /^\uFEFF?---[ \t]*\r?\n(?:(.*?)\r?\n)??---[ \t]*(?:\r?\n(.*))?$/s.exec(text) ?? [];
  if (source === undefined) throw new Error('it does not begin with front matter between two lines of ---');
  if (source.length > maxHeaderLength)
    throw new Error(`its front matter is longer than ${maxHeaderLength} characters`);
  return { header: parseYaml(source), body: (body ?? '').replace(/^(\r?\n)+/, '') };
}

function parseYaml(source: string): unknown {
  const [document, ...more] = composeDocuments(source);
  const problem = more.length > 0 ? 'there is more than one document' : document?.errors[0]?.message;
  if (problem !== undefined) throw yamlError(problem);
  try {
    return document?.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw yamlError(error instanceof Error ? error.message : 'it cannot be read');
  }
}

function composeDocuments(source: string): Document.Parsed[] {
  const parser = new Parser();
  const tokens = [];
  for (const lexeme of new Lexer().lex(source)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > maxDepth) throw yamlError(`it nests deeper than ${maxDepth} levels`);
  }
  tokens.push(...parser.end());
  return [...new Composer({ schema: 'failsafe', logLevel: 'silent' }).compose(tokens)];
}

function yamlError(problem: string): Error {
  return new Error(`its front matter is not YAML that this server accepts: ${problem.split('\n', 1)[0]}`);
}
