import { posix } from 'node:path';
import { type Argument, type Expression, Visitor } from 'oxc-parser';
import type { SourceFile } from './source-file.ts';

/** One place where a file names another module. */
export interface Import {
  /** As written; undefined when it is computed, so that nobody can tell. */
  readonly specifier: string | undefined;
  /** Nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
  readonly offset: number;
}

/** Every module a file names: imports, re-exports, dynamic imports, import types and require. */
export function importsOf(file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (node: { start: number }, specifier: string | undefined, typeOnly: boolean) =>
    found.push({ specifier, isTypeOnly: typeOnly, offset: node.start });
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value, node.importKind === 'type'),
    ExportAllDeclaration: (node) => add(node, node.source.value, node.exportKind === 'type'),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node, node.source.value, node.exportKind === 'type');
    },
    ImportExpression: (node) => add(node, literal(node.source), false),
    TSImportType: (node) => add(node, node.source.value, true),
    TSImportEqualsDeclaration: (node) => {
      if (node.moduleReference.type === 'TSExternalModuleReference') {
        add(node, node.moduleReference.expression.value, node.importKind === 'type');
      }
    },
    CallExpression: (node) => {
      const called = node.callee.type === 'Identifier' ? node.callee.name : '';
      if (called === 'require' || called === 'createRequire') add(node, literal(node.arguments[0]), false);
    },
  }).visit(file.program);
  return found;
}

/** The path that a relative specifier in a file leads to, undefined for packages and Node's own modules. */
export function targetOf(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;
}

/** The package a specifier names, without the path inside it. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function literal(node: Expression | Argument | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
