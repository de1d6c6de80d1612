import type { Ast } from './ast.ts';
import { printSet } from './char-set.ts';

/** Writes a tree as a pattern for `new RegExp(source, 'u')`; groups capture only where the tree has groups. */
export function print(ast: Ast): string {
  switch (ast.kind) {
    case 'empty':
      return '(?:)';
    case 'set':
      return printSet(ast.set);
    case 'seq':
      return ast.parts.map((part) => (part.kind === 'alt' ? `(?:${print(part)})` : print(part))).join('');
    case 'alt':
      return ast.parts.map(print).join('|');
    case 'repeat': {
      const { body, min, max, lazy } = ast;
      const simple = body.kind === 'set' || body.kind === 'group' || body.kind === 'back';
      const count =
        max === Infinity
          ? min === 0
            ? '*'
            : min === 1
              ? '+'
              : `{${min},}`
          : min === max
            ? `{${min}}`
            : `{${min},${max}}`;
      return `${simple ? print(body) : `(?:${print(body)})`}${count}${lazy ? '?' : ''}`;
    }
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'word':
      return ast.negated ? '\\B' : '\\b';
    case 'look':
      return `(?${ast.behind ? '<' : ''}${ast.negated ? '!' : '='}${print(ast.body)})`;
    case 'group':
      return `(${print(ast.body)})`;
    case 'back':
      return `(?:\\${ast.index})`;
  }
}
