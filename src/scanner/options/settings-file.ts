import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Finding, LoadError, type Place } from '../../shared/finding.ts';
import { nearest } from '../../shared/nearest.ts';

/** Bytes of a file that people write. */
const MOST = 4 * 1024 * 1024;
/** Aliases that a file may use, after those within them are counted too. */
const ALIASES = 100;

/** How a file is read. */
export interface Reading {
  /** As the user named it: stands in messages. */
  readonly file: string;
  /** What it holds, in a word or two: `scan.yaml`, `baseline`. */
  readonly what: string;
  /** Where `${NAME}` is looked up; absent: it stays as it is written. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads YAML or JSON by a schema.
 * @throws LoadError with every problem: its place as file, line and column, and how to mend it; never repeats a value
 */
export function readSettings<T>(text: string, schema: z.ZodType<T>, reading: Reading): T {
  const { file } = reading;
  const start: Place = { file, line: 1, column: 1 };
  const refuse = (rule: string, message: string, mend: string): LoadError =>
    new LoadError([{ rule: `scan/${rule}`, severity: 'error', message, mend, place: start }]);
  if (text.length > MOST) throw refuse('unreadable', `the ${reading.what} is larger than 4 MiB`, 'name the right file');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    throw new LoadError(
      document.errors.slice(0, 20).map(({ message, pos }) => ({
        rule: 'scan/yaml',
        severity: 'error',
        message,
        mend: 'correct the YAML at this place',
        place: placeAt(pos[0]),
      })),
    );
  }
  if (!isMap(document.contents)) throw refuse('empty', `the ${reading.what} holds no settings`, 'write `key: value`');
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: ALIASES });
  } catch (error) {
    throw refuse('yaml', (error as Error).message, 'write the values out instead of using aliases');
  }
  const placeOf = (path: readonly PropertyKey[]): Place | undefined => placeIn(document, path.map(String), placeAt);
  const findings: Finding[] = [];
  const filled = reading.environment === undefined ? raw : fill(raw, [], reading.environment, placeOf, findings);
  const result = schema.safeParse(filled);
  if (!result.success) {
    const tree = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    for (const issue of result.error.issues) findings.push(...explain(issue, tree, placeOf, start));
  }
  if (findings.length > 0) throw new LoadError(findings.sort(byPlace));
  return result.data as T;
}

/** As one reads: from the top of the file. */
const byPlace = (a: Finding, b: Finding): number =>
  (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0);

type PlaceOf = (path: readonly PropertyKey[]) => Place | undefined;
type JsonSchema = Readonly<Record<string, unknown>>;

function placeIn(document: Document, path: readonly string[], placeAt: (offset: number) => Place): Place | undefined {
  let node: unknown = document.contents;
  let found: Place | undefined;
  for (const part of path) {
    let here: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String((key as { value?: unknown } | null)?.value ?? key) === part);
      if (pair === undefined) return undefined;
      here = pair.key;
      node = pair.value;
    } else {
      here = (node as { items?: unknown[] } | null)?.items?.[Number(part)];
      if (here === undefined) return undefined;
      node = here;
    }
    if (isNode(here) && here.range) found = placeAt(here.range[0]);
  }
  return found;
}

/** The nearest place that exists on the way. */
function nearestPlace(path: readonly PropertyKey[], placeOf: PlaceOf, start: Place): Place {
  for (let length = path.length; length > 0; length--) {
    const place = placeOf(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return start;
}

/** The schema at a path; through maps and lists. */
function schemaAt(tree: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let node: JsonSchema | undefined = tree;
  for (const part of path) {
    const properties = node?.['properties'] as Record<string, JsonSchema> | undefined;
    const next: unknown =
      properties !== undefined && Object.hasOwn(properties, part)
        ? properties[String(part)]
        : (node?.['additionalProperties'] ?? node?.['items']);
    node = typeof next === 'object' && next !== null ? (next as JsonSchema) : undefined;
  }
  return node;
}

function explain(issue: z.core.$ZodIssue, tree: JsonSchema, placeOf: PlaceOf, start: Place): Finding[] {
  const path = issue.path;
  const name = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys((schemaAt(tree, path)?.['properties'] as object | undefined) ?? {});
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        rule: 'scan/unknown-key',
        severity: 'error',
        message: `unknown key "${[...path.map(String), key].join('.')}"`,
        mend: near === undefined ? `use one of: ${known.join(', ')}` : `did you mean "${near}"?`,
        place: nearestPlace([...path, key], placeOf, start),
      };
    });
  }
  if (issue.code === 'invalid_union') {
    const [first] = issue.errors
      .flatMap((list) => list[0] ?? [])
      .toSorted((a, b) => b.path.length - a.path.length || b.message.length - a.message.length);
    if (first !== undefined)
      return explain({ ...first, path: [...path, ...first.path] } as z.core.$ZodIssue, tree, placeOf, start);
  }
  const description = schemaAt(tree, path)?.['description'];
  const missing = issue.code === 'invalid_type' && placeOf(path) === undefined;
  return [
    {
      rule: 'scan/invalid',
      severity: 'error',
      message: `${name || 'the file'}: ${issue.message}`,
      mend: missing
        ? `add "${name}"`
        : typeof description === 'string'
          ? `${name}: ${description}`
          : 'write it as `portcullis scan --help` shows',
      place: nearestPlace(path, placeOf, start),
    },
  ];
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** `${NAME}` in a value is taken from the environment, so that secrets need not stand in the file. */
function fill(
  value: unknown,
  path: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  placeOf: PlaceOf,
  findings: Finding[],
): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (_all, name: string) => {
      const found = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (found === undefined) {
        const place = placeOf(path);
        findings.push({
          rule: 'scan/missing-variable',
          severity: 'error',
          message: `the environment variable ${name} is not set`,
          mend: `set ${name} before scanning`,
          ...(place === undefined ? {} : { place }),
        });
      }
      return found ?? '';
    });
  }
  const deeper = (item: unknown, key: string): unknown => fill(item, [...path, key], environment, placeOf, findings);
  if (Array.isArray(value)) return value.map((item, index) => deeper(item, String(index)));
  if (typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value))
    Object.defineProperty(filled, key, {
      value: deeper(item, key),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return filled;
}
