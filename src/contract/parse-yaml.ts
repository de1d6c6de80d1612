import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, Parser } from 'yaml';
import { LIMITS, type Parsed, type SyntaxProblem } from './parse.ts';
import { emptyObject, setOwn } from './references.ts';
import { inKeyOrder, SourceMap } from './source-map.ts';

/** Thrown inside this file only. */
class Stop {
  readonly problem: SyntaxProblem;
  constructor(offset: number, message: string, mend: string, rule = 'syntax') {
    this.problem = { rule, message, mend, offset };
  }
}

/**
 * YAML 1.2 (core schema, `<<` merges) with places. What JSON cannot say is an error: unknown tags, non-scalar keys,
 * not-a-number, recursive aliases. Aliases share one value; what they would expand to is counted and bounded.
 */
export function parseYaml(text: string): Parsed {
  const map = new SourceMap(text);
  const problems: SyntaxProblem[] = [];
  let value: unknown;
  try {
    const document = compose(text, problems);
    if (document && problems.length === 0) value = new Converter(map, problems).convert(document);
  } catch (error) {
    if (error instanceof Stop) problems.push(error.problem);
    else {
      // The library is trusted to parse, not to survive everything: a stack overflow must not end the gate.
      const message = `the YAML cannot be parsed (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'})`;
      problems.push({ rule: 'syntax', message, mend: 'simplify the document', offset: 0 });
    }
  }
  return { value, map, problems };
}

function compose(text: string, problems: SyntaxProblem[]): Document.Parsed | undefined {
  const parser = new Parser();
  // Unique keys are checked below: the library's own check compares each key with every other.
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent', version: '1.2' });
  const documents: Document.Parsed[] = [];
  let tokens = 0;
  let strange = 0;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++tokens > LIMITS.tokens) {
      throw new Stop(
        offset,
        `more than ${LIMITS.tokens.toLocaleString('en')} tokens`,
        'split it, or use JSON',
        'limit',
      );
    }
    offset += lexeme.length;
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' || token.type === 'directive') strange++;
      documents.push(...composer.next(token));
    }
    // What is hopeless is not read to its end: each further problem would cost time and memory, and tell nothing.
    if (strange > LIMITS.problems || documents.length > 1) break;
    // A level of YAML takes at most two entries of the parser's stack.
    if (parser.stack.length > LIMITS.depth * 2) throw tooDeep(offset);
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(false, text.length));
  const document = documents[0];
  if (!document || document.contents === null || isEmptyScalar(document.contents)) {
    const parsed = document?.errors[0];
    throw new Stop(parsed?.pos[0] ?? 0, parsed?.message ?? 'the document is empty', 'write a contract into it');
  }
  if (documents.length > 1) {
    throw new Stop(documents[1]!.range[0], 'more than one YAML document in one file', "take out what follows '---'");
  }
  for (const { message, pos } of [...document.errors, ...document.warnings].slice(0, LIMITS.problems)) {
    problems.push({ rule: 'syntax', message: message.slice(0, 300), mend: 'mend the YAML here', offset: pos[0] });
  }
  return document;
}

const isEmptyScalar = (node: Node): boolean => isScalar(node) && node.value === null;
const tooDeep = (offset: number): Stop =>
  new Stop(offset, `nested deeper than ${LIMITS.depth} levels`, 'flatten the document, use $ref', 'limit');
const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

/** A converted value with what it would weigh if every alias were written out. */
interface Converted {
  value: unknown;
  weight: number;
  height: number;
}

class Converter {
  readonly #map: SourceMap;
  readonly #problems: SyntaxProblem[];
  readonly #anchors = new Map<string, Converted | 'open'>();

  constructor(map: SourceMap, problems: SyntaxProblem[]) {
    this.#map = map;
    this.#problems = problems;
  }

  convert(document: Document.Parsed): unknown {
    return this.#node(document.contents, 0).value;
  }

  #node(node: unknown, depth: number): Converted {
    if (depth > LIMITS.depth) throw tooDeep(startOf(node));
    if (isAlias(node)) return this.#alias(node.source, startOf(node), depth);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor) this.#anchors.set(anchor, 'open');
    let made: Converted;
    if (isMap(node)) made = this.#object(node.items as Pair[], depth);
    else if (isSeq(node)) made = this.#array(node.items, depth);
    else made = { value: this.#scalar(node), weight: 1, height: 0 };
    if (anchor) this.#anchors.set(anchor, made);
    return made;
  }

  #alias(name: string, offset: number, depth: number): Converted {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      throw new Stop(offset, `the alias '*${name.slice(0, 60)}' has no anchor before it`, 'define the anchor first');
    }
    if (target === 'open') {
      throw new Stop(offset, `the alias '*${name.slice(0, 60)}' stands inside what it names`, 'use $ref for recursion');
    }
    if (depth + target.height > LIMITS.depth) throw tooDeep(offset);
    return target;
  }

  #scalar(node: unknown): unknown {
    if (!isScalar(node)) return null;
    const { value } = node;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Stop(startOf(node), 'a number that JSON cannot hold', 'write a finite number, or quote it');
    }
    if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) {
      throw new Stop(startOf(node), 'a value that JSON cannot hold', 'write it as a string');
    }
    return value;
  }

  #object(pairs: readonly Pair[], depth: number): Converted {
    const object = emptyObject();
    const keys: string[] = [];
    const offsets: number[] = [];
    const merges: { from: Converted; offset: number }[] = [];
    let weight = 1;
    let height = 0;
    for (const pair of pairs) {
      const offset = startOf(pair.key);
      const key = this.#key(pair.key);
      const child = this.#node(pair.value, depth + 1);
      weight = this.#grow(weight, child.weight, offset);
      height = Math.max(height, child.height + 1);
      if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
        merges.push({ from: child, offset });
      } else if (key in object) {
        this.#duplicate(key, offset);
      } else {
        setOwn(object, key, child.value);
        keys.push(key);
        offsets.push(offset);
      }
    }
    for (const { from, offset } of merges) {
      const sources = Array.isArray(from.value) ? from.value : [from.value];
      for (const source of sources) {
        if (typeof source !== 'object' || source === null || Array.isArray(source)) {
          throw new Stop(offset, "'<<' merges something that is no map", "quote it ('<<') if it is a name");
        }
        for (const key of Object.keys(source)) {
          if (key in object) continue;
          setOwn(object, key, (source as Record<string, unknown>)[key]);
          keys.push(key);
          offsets.push(this.#map.offset(source, key) ?? offset);
        }
      }
    }
    this.#map.add(object, inKeyOrder(object, keys, offsets));
    return { value: object, weight, height };
  }

  #array(items: readonly unknown[], depth: number): Converted {
    const array: unknown[] = [];
    const offsets: number[] = [];
    let weight = 1;
    let height = 0;
    for (const item of items) {
      const child = this.#node(item, depth + 1);
      weight = this.#grow(weight, child.weight, startOf(item));
      height = Math.max(height, child.height + 1);
      array.push(child.value);
      offsets.push(startOf(item));
    }
    this.#map.add(array, offsets);
    return { value: array, weight, height };
  }

  /** Keys by their spelling: `200:` is the name '200', `true:` the name 'true'. */
  #key(node: unknown): string {
    let key = node;
    if (isAlias(key)) throw new Stop(startOf(node), 'an alias as a name', 'write the name out');
    if (isScalar(key)) {
      if (typeof key.value === 'string') return key.value;
      if (key.value !== null && typeof key.source === 'string' && key.source !== '') return key.source;
      key = null;
    }
    throw new Stop(startOf(node), 'a name that is no string', 'quote the name');
  }

  #grow(weight: number, by: number, offset: number): number {
    if (weight + by > LIMITS.values) {
      const message = `more than ${LIMITS.values.toLocaleString('en')} values once aliases are written out`;
      throw new Stop(offset, message, 'use $ref instead of aliases', 'limit');
    }
    return weight + by;
  }

  #duplicate(key: string, offset: number): void {
    const message = `the name '${key.slice(0, 100)}' stands twice in one map`;
    this.#problems.push({ rule: 'duplicate-key', message, mend: 'keep one of the two', offset });
    if (this.#problems.length >= LIMITS.problems) throw new Stop(offset, 'too many problems', 'mend these first');
  }
}
