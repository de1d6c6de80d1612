import type { Operation } from '../contract/model.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';

/**
 * Which operations a line of configuration means. One grammar for roles, and for the `operations:` map:
 *
 * - `**`: every operation.
 * - `tag:billing`: operations with that tag.
 * - `GET /patients/{id}`, `* /patients/*`, `/patients/**`: method (or `*`, or none: any) and path. In a path `*` is one
 *   whole segment and `**` any number of them, none included: `/patients/**` covers `/patients` too. `{anything}` is
 *   any template parameter: its name does not matter.
 * - anything else: an operationId, exactly.
 */
export type Selector = (operation: Operation) => boolean;

/** Longest selector and most segments: a selector is written by a person. */
const MAX_LENGTH = 500;
const MAX_SEGMENTS = 64;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'QUERY'];

type Parsed =
  | { readonly kind: 'all' }
  | { readonly kind: 'tag' | 'id'; readonly name: string }
  | { readonly kind: 'path'; readonly method: string; readonly path: string; readonly segments: readonly string[] }
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * Compiles a selector. Cost of a call: the segments of the template times those of the pattern; for load, not for
 * requests. A malformed selector selects nothing: ask {@link selectorProblem} first.
 */
export function compileSelector(text: string): Selector {
  const parsed = parse(text);
  switch (parsed.kind) {
    case 'all':
      return () => true;
    case 'tag':
      return (operation) => operation.tags.includes(parsed.name);
    case 'id':
      return (operation) => operation.operationId === parsed.name;
    case 'path':
      return (operation) =>
        (parsed.method === '*' || parsed.method === operation.method) &&
        (operation.template === parsed.path || covers(parsed.segments, templateOf(operation)));
    case 'problem':
      return () => false;
  }
}

/** What is wrong with the form of a selector, in one sentence; undefined where it is well-formed. */
export function selectorProblem(text: string): string | undefined {
  const parsed = parse(text);
  return parsed.kind === 'problem' ? parsed.problem : undefined;
}

/** A selector that is malformed or selects none of the operations, and what was probably meant; without rule and place. */
export function inspectSelector(
  text: string,
  operations: readonly Operation[],
): Pick<Finding, 'message' | 'mend'> | undefined {
  const parsed = parse(text);
  const quoted = JSON.stringify(text.slice(0, MAX_LENGTH));
  if (parsed.kind === 'problem') return { message: `The selector ${quoted} ${parsed.problem}.`, mend: GRAMMAR };
  if (operations.some(compileSelector(text))) return undefined;
  const guess = suggest(parsed, operations);
  const what = {
    all: 'covers no operation: the contract has none',
    tag: 'names a tag that no operation has',
    id: 'names an operationId that the contract does not have',
    path: 'matches no operation of the contract',
  }[parsed.kind];
  return {
    message: `The selector ${quoted} ${what}.`,
    mend: guess === undefined ? 'Write one that is in the contract, or remove it.' : `Did you mean ${guess}?`,
  };
}

const GRAMMAR = 'Write an operationId, tag:NAME, METHOD /path (with * for a segment and ** for any number), or **.';

function parse(text: string): Parsed {
  if (text.length > MAX_LENGTH) return problem(`is longer than ${MAX_LENGTH} characters`);
  const trimmed = text.trim();
  if (trimmed === '') return problem('is empty');
  if (trimmed === '**') return { kind: 'all' };
  if (trimmed.startsWith('tag:')) {
    const name = trimmed.slice(4).trim();
    return name === '' ? problem('names no tag') : { kind: 'tag', name };
  }
  const slash = trimmed.indexOf('/');
  const head = slash < 0 ? '' : trimmed.slice(0, slash);
  if (slash === 0 || (slash > 0 && /^\S+\s+$/.test(head))) {
    const method = head === '' ? '*' : head.trim().toUpperCase();
    if (method !== '*' && !METHODS.includes(method)) return problem(`names a method that is not one of ${METHODS}`);
    const path = trimmed.slice(slash);
    const segments = segmentsOf(path);
    if (segments.length > MAX_SEGMENTS) return problem(`has more than ${MAX_SEGMENTS} segments`);
    if (segments.some((segment) => segment !== '*' && segment !== '**' && segment.includes('*')))
      return problem('has a * beside other characters: * stands for a whole segment');
    return { kind: 'path', method, path, segments };
  }
  if (trimmed.includes('*')) return problem('has a * outside of a path, which begins with /: `GET /**`');
  return { kind: 'id', name: trimmed };
}

const problem = (text: string): Parsed => ({ kind: 'problem', problem: text });

/** Segments with the names of template parameters left out: two templates that differ in them only are the same. */
const segmentsOf = (path: string): string[] =>
  path
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/\{[^{}]*\}/g, '{}'));

const templates = new WeakMap<Operation, readonly string[]>();

/** Ten thousand operations meet every selector of every role: each template is taken apart once. */
function templateOf(operation: Operation): readonly string[] {
  let segments = templates.get(operation);
  if (segments === undefined) {
    segments = segmentsOf(operation.template);
    templates.set(operation, segments);
  }
  return segments;
}

/** Glob over segments: on a mismatch the last `**` takes one segment more, so the cost is bounded by the product. */
function covers(pattern: readonly string[], segments: readonly string[]): boolean {
  let p = 0;
  let s = 0;
  let star = -1;
  let taken = 0;
  while (s < segments.length) {
    const wanted = pattern[p];
    if (wanted === '**') {
      star = p++;
      taken = s;
    } else if (wanted !== undefined && (wanted === '*' || wanted === segments[s])) {
      p++;
      s++;
    } else if (star >= 0) {
      p = star + 1;
      s = ++taken;
    } else return false;
  }
  while (pattern[p] === '**') p++;
  return p === pattern.length;
}

function suggest(parsed: Parsed, operations: readonly Operation[]): string | undefined {
  if (parsed.kind === 'tag') {
    const tag = nearest(parsed.name, new Set(operations.flatMap((operation) => operation.tags)));
    return tag === undefined ? undefined : `tag:${tag}`;
  }
  if (parsed.kind === 'id')
    return nearest(
      parsed.name,
      operations.flatMap((operation) => operation.operationId ?? []),
    );
  if (parsed.kind !== 'path') return undefined;
  // The base path of the server is part of the template, and easily forgotten.
  const longer = operations.find(
    (operation) =>
      (parsed.method === '*' || parsed.method === operation.method) && operation.template.endsWith(parsed.path),
  );
  return (
    longer?.key ??
    nearest(
      `${parsed.method} ${parsed.path}`,
      operations.map((operation) => operation.key),
    )
  );
}
