import type { CharSet } from './char-set.ts';

/** An ECMAScript pattern (flag `u`, no others) as a tree. */
export type Ast =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'seq'; readonly parts: readonly Ast[] }
  | { readonly kind: 'alt'; readonly parts: readonly Ast[] }
  | { readonly kind: 'repeat'; readonly body: Ast; readonly min: number; readonly max: number; readonly lazy: boolean }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'word'; readonly negated: boolean }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negated: boolean; readonly body: Ast }
  | { readonly kind: 'group'; readonly index: number; readonly body: Ast }
  | { readonly kind: 'back'; readonly index: number };

export const EMPTY: Ast = { kind: 'empty' };

/** A sequence, flat, without empty parts. */
export function seq(parts: readonly Ast[]): Ast {
  const flat = parts.flatMap((part) => (part.kind === 'seq' ? part.parts : part.kind === 'empty' ? [] : [part]));
  return flat.length === 0 ? EMPTY : flat.length === 1 ? flat[0]! : { kind: 'seq', parts: flat };
}

/** A choice; one alternative is itself. */
export const alt = (parts: readonly Ast[]): Ast => (parts.length === 1 ? parts[0]! : { kind: 'alt', parts });

/** Whether a node of some kind stands anywhere in the tree. */
export function contains(ast: Ast, kinds: ReadonlySet<Ast['kind']>): boolean {
  if (kinds.has(ast.kind)) return true;
  switch (ast.kind) {
    case 'seq':
    case 'alt':
      return ast.parts.some((part) => contains(part, kinds));
    case 'repeat':
    case 'look':
    case 'group':
      return contains(ast.body, kinds);
    default:
      return false;
  }
}

/** The tree without capturing groups: for patterns that refer to none. */
export function withoutGroups(ast: Ast): Ast {
  switch (ast.kind) {
    case 'seq':
      return seq(ast.parts.map(withoutGroups));
    case 'alt':
      return alt(ast.parts.map(withoutGroups));
    case 'repeat':
    case 'look':
      return { ...ast, body: withoutGroups(ast.body) };
    case 'group':
      return withoutGroups(ast.body);
    default:
      return ast;
  }
}
