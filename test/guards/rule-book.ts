import { type CallExpression, type Node, Visitor } from 'oxc-parser';
import { lineAt, type SourceFile } from './source-file.ts';

/** One rule of docs/rules.md. */
export interface Rule {
  readonly id: string;
  readonly sentence: string;
}

/** One title of a test or of a group of tests. */
export interface Title {
  /** The rules it says it proves. */
  readonly rules: readonly string[];
  /** Whether it is a test, and neither it nor a group around it names a rule. */
  readonly hasNoRule: boolean;
  /** Whether it has the number of a rule anywhere but at its beginning. */
  readonly citesElsewhere: boolean;
  readonly location: string;
}

/** The rules of the page, in its order. */
export function rulesOf(page: string): readonly Rule[] {
  return [...page.matchAll(/^- \*\*\[([A-Z]{2}\d+)\]\*\* (.+)$/gm)].map(([, id = '', sentence = '']) => ({
    id,
    sentence,
  }));
}

/** Lines of the page that look like a rule and are not read as one. */
export function malformedRules(page: string): readonly string[] {
  return page
    .split('\n')
    .filter((line) => /^\s*[-*].*\[[A-Za-z]+\d+\]/.test(line) && !/^- \*\*\[[A-Z]{2}\d+\]\*\* \S/.test(line));
}

/** Every title in a test file, with the rules that stand at its beginning. */
export function titlesOf(file: SourceFile): readonly Title[] {
  const titles: Title[] = [];
  const around: { node: Node; rules: readonly string[] }[] = [];
  new Visitor({
    CallExpression: (node) => {
      const word = rootOf(node.callee);
      const title = titleOf(node);
      if (title === undefined || word === undefined || !['describe', 'it', 'test'].includes(word)) return;
      const rules = leadingRules(title);
      const inherited = around.some((group) => group.rules.length > 0);
      titles.push({
        rules,
        hasNoRule: word !== 'describe' && rules.length === 0 && !inherited,
        citesElsewhere: /\b[A-Z]{1,2}\d{1,3}\b/.test(title.replace(leadingRulesPattern, '')),
        location: `${file.path}:${lineAt(file, node.start)}: ${title}`,
      });
      if (word === 'describe') around.push({ node, rules });
    },
    'CallExpression:exit': (node) => {
      if (around.at(-1)?.node === node) around.pop();
    },
  }).visit(file.program);
  return titles;
}

/** `it` of `it('…')`, `it.skipIf(x)('…')` and `it.each(rows)('…')`. */
function rootOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression') return rootOf(node.object);
  return node.type === 'CallExpression' ? rootOf(node.callee) : undefined;
}

function titleOf(node: CallExpression): string | undefined {
  const title = node.arguments[0];
  if (node.arguments.length < 2) return undefined;
  if (title?.type === 'Literal' && typeof title.value === 'string') return title.value;
  return title?.type === 'TemplateLiteral'
    ? title.quasis.map((part) => part.value.cooked ?? '').join('…')
    : title?.type === 'Identifier' || title?.type === 'BinaryExpression'
      ? '(computed)'
      : undefined;
}

const leadingRulesPattern = /^(\[[A-Z]{2}\d+\]\s*)*/;

function leadingRules(title: string): readonly string[] {
  const [leading = ''] = leadingRulesPattern.exec(title) ?? [];
  return [...leading.matchAll(/[A-Z]{2}\d+/g)].map(([id]) => id);
}
