import { type Node, type Statement, Visitor } from 'oxc-parser';
import { type Guard, lineAt, type SourceFile } from './source-file.ts';

const todoPattern = /\b(TO[D]O|FIX[M]E|HA[C]K|XX[X])\b/;

/** Only main.ts reads the environment of the process; everyone else is handed what it needs. */
export const environmentGuard: Guard = (files) =>
  files
    .filter((file) => file.path !== 'src/main.ts')
    .flatMap((file) =>
      environmentReads(file).map(
        (node) => `${file.path}:${lineAt(file, node.start)}: reads the environment; have it handed over`,
      ),
    );

/**
 * A doc comment stands directly above every export. A type that is taken from a value has its sentence at that value,
 * and a re-export at its source.
 */
export const docCommentGuard: Guard = (files) =>
  files.flatMap((file) =>
    file.program.body
      .filter((statement) => isExport(statement) && !isDocumented(file, statement))
      .map((statement) => `${file.path}:${lineAt(file, statement.start)}: an export without a doc comment`),
  );

/** Only these files say of a value what its type denies, each with the reason in a comment. */
const doubleCasts: ReadonlySet<string> = new Set(['src/storage/postgres/connection/statement-batch.ts']);

/** The compiler knows the type of everything: no cast by way of `unknown` or `any` silences it. */
export const doubleCastGuard: Guard = (files) =>
  files
    .filter((file) => !doubleCasts.has(file.path))
    .flatMap((file) => {
      const found: string[] = [];
      new Visitor({
        TSAsExpression: ({ expression, start }) => {
          const inner = expression.type === 'ParenthesizedExpression' ? expression.expression : expression;
          if (inner.type !== 'TSAsExpression') return;
          if (!['TSUnknownKeyword', 'TSAnyKeyword'].includes(inner.typeAnnotation.type)) return;
          found.push(`${file.path}:${lineAt(file, start)}: a cast by way of unknown; type the value instead`);
        },
      }).visit(file.program);
      return found;
    });

/** No comment leaves work for later. */
export const todoGuard: Guard = (files) =>
  files.flatMap((file) =>
    file.comments
      .filter((comment) => todoPattern.test(comment.value))
      .map((comment) => `${file.path}:${lineAt(file, comment.start)}: leaves work for later`),
  );

/** No test is left out or run alone in what is committed. */
export const focusedTestGuard: Guard = (files) =>
  files.flatMap((file) => {
    const found: string[] = [];
    new Visitor({
      MemberExpression: (node) => {
        if (node.property.type !== 'Identifier' || node.object.type !== 'Identifier') return;
        if (!['it', 'test', 'describe'].includes(node.object.name)) return;
        if (!['only', 'skip', 'todo', 'fails'].includes(node.property.name)) return;
        const call = `${node.object.name}.${node.property.name}`;
        found.push(`${file.path}:${lineAt(file, node.start)}: ${call}`);
      },
    }).visit(file.program);
    return found;
  });

function environmentReads(file: SourceFile): readonly Node[] {
  const found: Node[] = [];
  const isProcess = (node: Node): boolean =>
    (node.type === 'Identifier' && node.name === 'process') ||
    (node.type === 'MemberExpression' && nameOf(node.property) === 'process');
  new Visitor({
    MemberExpression: (node) => {
      if (isProcess(node.object) && nameOf(node.property) === 'env') found.push(node);
    },
    VariableDeclarator: (node) => {
      if (node.id.type === 'ObjectPattern' && node.init !== null && isProcess(node.init)) found.push(node);
    },
    ImportDeclaration: (node) => {
      if (/^(node:)?process$/.test(node.source.value)) found.push(node);
    },
  }).visit(file.program);
  return found;
}

function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

function isExport(statement: Statement): boolean {
  if (statement.type === 'ExportDefaultDeclaration') return true;
  return statement.type === 'ExportNamedDeclaration' && statement.declaration !== null;
}

function isDocumented(file: SourceFile, statement: Statement): boolean {
  const above = file.comments.findLast((comment) => comment.end <= statement.start);
  const isDoc = above?.type === 'Block' && above.value.startsWith('*');
  if (isDoc && file.text.slice(above.end, statement.start).trim() === '') return true;
  if (statement.type !== 'ExportNamedDeclaration') return false;
  if (statement.declaration?.type !== 'TSTypeAliasDeclaration') return false;
  return /\btypeof\b/.test(file.text.slice(statement.start, statement.end));
}
