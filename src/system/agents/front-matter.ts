import { Composer, type Document, Lexer, Parser } from 'yaml';

/** The most that may stand between the lines of dashes, in characters. */
const longest = 16_384;

/** How deep lists and maps may lie in each other: what composes them recurses, and would bring down the process. */
const deepest = 32;

/** What stands at the top of a file between two lines of dashes, as YAML gives it, and the text behind. */
export interface FrontMatter {
  readonly header: unknown;
  readonly body: string;
}

/**
 * Splits the text of a file. Every scalar of the header comes as the text that it is: nothing becomes a number, a date or
 * an object of another kind, and nothing refers to something else. Throws an Error whose message says what is wrong.
 */
export function readFrontMatter(text: string): FrontMatter {
  const [, source, body] = /^\uFEFF?---[ \t]*\r?\n(?:(.*?)\r?\n)??---[ \t]*(?:\r?\n(.*))?$/s.exec(text) ?? [];
  if (source === undefined) throw new Error('it does not begin with front matter between two lines of ---');
  if (source.length > longest) throw new Error(`its front matter is longer than ${longest} characters`);
  return { header: yamlValue(source), body: (body ?? '').replace(/^(\r?\n)+/, '') };
}

function yamlValue(source: string): unknown {
  const [document, ...more] = documentsOf(source);
  const fault = more.length > 0 ? 'there is more than one document' : document?.errors[0]?.message;
  if (fault !== undefined) throw notYaml(fault);
  try {
    return document?.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw notYaml(error instanceof Error ? error.message : 'it cannot be read');
  }
}

function documentsOf(source: string): Document.Parsed[] {
  const parser = new Parser();
  const tokens = [];
  for (const lexeme of new Lexer().lex(source)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > deepest) throw notYaml(`it nests deeper than ${deepest} levels`);
  }
  tokens.push(...parser.end());
  return [...new Composer({ schema: 'failsafe', logLevel: 'silent' }).compose(tokens)];
}

function notYaml(fault: string): Error {
  return new Error(`its front matter is not the YAML that is taken here: ${fault.split('\n', 1)[0]}`);
}
