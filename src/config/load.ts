import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Finding, LoadError, type Place } from '../shared/finding.ts';
import { nearest } from '../shared/nearest.ts';
import type { Configuration } from './configuration.ts';
import { configurationSchema } from './schema.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * Reads, checks and completes a configuration file.
 * @throws LoadError with every problem found: file, line, column and mend
 */
export function loadConfiguration(file: string): Configuration {
  const absolute = resolve(file);
  const problem = (message: string, mend: string): LoadError =>
    new LoadError([
      { rule: 'config/unreadable', severity: 'error', message, mend, place: { file, line: 1, column: 1 } },
    ]);
  let text: string;
  try {
    if (statSync(absolute).size > MAX_BYTES) throw problem('the file is larger than 1 MiB', 'name the right file');
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(absolute));
  } catch (error) {
    if (error instanceof LoadError) throw error;
    if (error instanceof TypeError) throw problem('the file is not UTF-8', 'save it as UTF-8');
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw problem('the file does not exist', 'run `portcullis init openapi.yaml`, or name the file with --config');
    throw problem(`the file cannot be read (${code})`, 'check its permissions and type');
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    throw new LoadError(
      document.errors.map((error) => ({
        rule: 'config/yaml',
        severity: 'error',
        message: error.message,
        mend: 'correct the YAML at this place',
        place: place(error.pos[0]),
      })),
    );
  }
  if (!isMap(document.contents))
    throw problem('the file holds no settings', 'write at least `contract:` and `upstream:`');
  const placeOf = (path: readonly string[]): Place | undefined => placeInDocument(document, path, place);
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw problem((error as Error).message, 'write the values out instead of using aliases');
  }
  return composeConfiguration(raw, { file, directory: dirname(absolute), placeOf });
}

/**
 * Checks and completes settings, whether read from a file or made by the program.
 * @throws LoadError
 */
export function composeConfiguration(
  raw: unknown,
  source: Pick<Configuration, 'file' | 'directory' | 'placeOf'>,
): Configuration {
  const findings: Finding[] = [];
  const filled = fillVariables(raw, [], source.placeOf, findings);
  const result = configurationSchema.safeParse(filled);
  if (!result.success) {
    for (const issue of result.error.issues) findings.push(...toFindings(issue, source));
  }
  if (findings.length > 0) throw new LoadError(findings);
  const value = result.data as unknown as Configuration & { upstream: string | string[] };
  const upstream = typeof value.upstream === 'string' ? [value.upstream] : value.upstream;
  // A redirect of the API to itself is one to the gate.
  const upstreams = [...new Set([...value.disclosure.upstreams, ...upstream.map((url) => new URL(url).origin)])];
  return { ...value, upstream, disclosure: { ...value.disclosure, upstreams }, ...source };
}

function placeInDocument(
  document: Document,
  path: readonly string[],
  place: (offset: number) => Place,
): Place | undefined {
  let node: unknown = document.contents;
  let found: Place | undefined;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String((item.key as { value?: unknown } | null)?.value ?? item.key) === part,
      );
      if (pair === undefined) return undefined;
      const key = pair.key;
      if (isNode(key) && key.range) found = place(key.range[0]);
      node = pair.value;
    } else {
      const item = (node as { items?: unknown[] } | null)?.items?.[Number(part)];
      if (item === undefined) return undefined;
      if (isNode(item) && item.range) found = place(item.range[0]);
      node = item;
    }
  }
  return found;
}

/** The nearest place that exists on the way to `path`. */
function nearestPlace(path: readonly string[], source: Pick<Configuration, 'file' | 'placeOf'>): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const place = source.placeOf(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return source.file === undefined ? undefined : { file: source.file, line: 1, column: 1 };
}

const jsonSchema = (): unknown => z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any' });

type JsonSchema = Record<string, unknown>;

/** The composed schema at a place of the configuration, and what stands on the way to it. */
function schemasTo(path: readonly string[]): (JsonSchema | undefined)[] {
  const way = [jsonSchema() as JsonSchema | undefined];
  for (const part of path) {
    const node = way.at(-1);
    const properties = node?.['properties'] as Record<string, JsonSchema> | undefined;
    const next =
      properties !== undefined && Object.hasOwn(properties, part) ? properties[part] : node?.['additionalProperties'];
    way.push(typeof next === 'object' && next !== null ? (next as JsonSchema) : undefined);
  }
  return way;
}

/** Keys known at a place of the configuration. */
const knownKeys = (path: readonly string[]): string[] =>
  Object.keys((schemasTo(path).at(-1)?.['properties'] as object | undefined) ?? {});

/** What a key is for: the description nearest to it. */
function meaningOf(path: readonly string[]): string {
  const way = schemasTo(path);
  for (let i = way.length - 1; i > 0; i--) {
    const description = way[i]?.['description'];
    if (typeof description === 'string') return `${path.slice(0, i).join('.')}: ${description}`;
  }
  return '`portcullis schema` describes every key';
}

function toFindings(issue: z.core.$ZodIssue, source: Pick<Configuration, 'file' | 'placeOf'>): Finding[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        rule: 'config/unknown-key',
        severity: 'error',
        message: `unknown key "${[...path, key].join('.')}"`,
        mend: near === undefined ? `use one of: ${known.join(', ')}` : `did you mean "${near}"?`,
        place: nearestPlace([...path, key], source),
      };
    });
  }
  if (issue.code === 'invalid_union') {
    const first = unionIssue(issue.errors);
    if (first !== undefined)
      return toFindings({ ...first, path: [...issue.path, ...first.path] } as z.core.$ZodIssue, source);
  }
  const missing = issue.code === 'invalid_type' && nearestPlace(path, source)?.line !== source.placeOf(path)?.line;
  return [
    {
      rule: 'config/invalid',
      severity: 'error',
      message: `${path.join('.') || 'configuration'}: ${issue.message}`,
      mend: missing ? `add "${path.join('.')}"` : meaningOf(path),
      place: nearestPlace(path, source),
    },
  ];
}

/** What to say of a value that fits no alternative: the one it came furthest with, or all that they ask for. */
function unionIssue(errors: readonly (readonly z.core.$ZodIssue[])[]): z.core.$ZodIssue | undefined {
  const firsts = errors.flatMap((list) => list[0] ?? []);
  const depth = (issue: z.core.$ZodIssue | undefined): number => issue?.path.length ?? 0;
  const deepest = firsts.reduce<z.core.$ZodIssue | undefined>(
    (best, each) => (depth(each) > depth(best) ? each : best),
    undefined,
  );
  if (deepest !== undefined || firsts.length < 2) return deepest ?? firsts[0];
  const messages = [...new Set(firsts.map((each) => each.message))];
  if (messages.every((message) => message.endsWith('received undefined'))) return firsts[0];
  return { code: 'custom', path: [], message: messages.join('; or: '), input: undefined };
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** `${NAME}` in a value is taken from the environment, so that secrets need not stand in the file. */
function fillVariables(
  value: unknown,
  path: string[],
  placeOf: Configuration['placeOf'],
  findings: Finding[],
): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (_all, name: string) => {
      const found = process.env[name];
      if (found !== undefined) return found;
      findings.push({
        rule: 'config/missing-variable',
        severity: 'error',
        message: `the environment variable ${name} is not set`,
        mend: `set ${name} before starting`,
        place: placeOf(path),
      });
      return '';
    });
  }
  if (Array.isArray(value))
    return value.map((item, index) => fillVariables(item, [...path, String(index)], placeOf, findings));
  if (typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(filled, key, {
      value: fillVariables(item, [...path, key], placeOf, findings),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return filled;
}

/** The configuration's JSON Schema, for editors; written to `portcullis.schema.json`. */
export function configurationJsonSchema(): object {
  return { $id: 'portcullis.schema.json', title: 'Portcullis configuration', ...(jsonSchema() as object) };
}
