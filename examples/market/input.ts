import type { IncomingMessage } from 'node:http';
import type { Hit } from './contract.ts';
import { type Input, invalid, Refusal, type Values } from './market.ts';
import { fromText, type Schema, violations, type Wrong } from './schema.ts';
import type { Weak } from './weaknesses.ts';

const BODY = 64 * 1024;
/** Where `no-body-limits` ends all the same: the memory is that of the machine it runs on. */
const MACHINE = 128 * 1024 * 1024;
/** Read and dropped after a body was found too large, so that the client gets to hear it. */
const DRAINED = 8 * 1024 * 1024;

/**
 * Reads a request and checks it against the contract.
 * @param without keywords that the handler forgets to check.
 * @throws Refusal invalid with every violation, too_large, unsupported_type
 */
export async function readInput(
  weak: Weak,
  request: IncomingMessage,
  { declared, values }: Hit,
  query: URLSearchParams,
  without: readonly string[],
): Promise<Input> {
  const skipped = new Set(without);
  if (weak('no-body-limits')) skipped.add('maxLength');
  const wrong: Wrong[] = [];
  const check = (schema: Schema, value: unknown, at: string): unknown => {
    // careless: stores what comes, whatever the contract says
    if (!weak('no-validation')) wrong.push(...violations(schema, value, skipped, at));
    return value;
  };
  const path: Record<string, number> = Object.create(null);
  const sent: Record<string, Record<string, unknown>> = { query: Object.create(null), header: Object.create(null) };
  for (const { name, in: place, required, schema } of declared.parameters) {
    const all =
      place === 'path' ? [values[name] ?? ''] : place === 'query' ? query.getAll(name) : header(request, name);
    if (all.length === 0 && required && !weak('no-validation')) wrong.push({ at: name, problem: 'is required' });
    if (all.length > 1 && !weak('no-validation')) wrong.push({ at: name, problem: 'comes more than once' });
    if (all.length === 0) continue;
    const value = check(schema, fromText(schema, all[0] ?? ''), name);
    if (place === 'path') path[name] = value as number;
    else sent[place]![name] = value;
  }
  const names = new Set(declared.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
  if (!weak('no-validation') && [...query.keys()].some((name) => !names.has(name))) {
    wrong.push({ at: '', problem: 'there is a query parameter that is not known here' });
  }
  if (wrong.length > 0) throw invalid(wrong);

  const { type, bytes, body } = await readBody(weak, request, declared.body);
  const schema = declared.body?.get(type);
  if (schema?.type === 'object') {
    // careless: works with values before anyone has looked at their types
    if (weak('server-errors') && !skipped.has('type')) tidy(schema, body);
    check(schema, body, '');
  }
  if (wrong.length > 0) throw invalid(wrong);
  // Under `no-validation` a body can be anything; handlers read properties of it.
  const object = typeof body === 'object' && body !== null ? body : {};
  return { path, query: sent.query!, header: sent.header!, body: object as Values, bytes, type };
}

function header(request: IncomingMessage, name: string): string[] {
  return request.headersDistinct[name] ?? [];
}

interface Body {
  readonly type: string;
  readonly bytes: Buffer;
  readonly body: unknown;
}

async function readBody(
  weak: Weak,
  request: IncomingMessage,
  declared: ReadonlyMap<string, Schema> | undefined,
): Promise<Body> {
  if (declared === undefined) return { type: '', bytes: Buffer.alloc(0), body: undefined };
  const [sent = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  let type = sent.trim();
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  const [only] = declared.keys();
  // careless: JSON is JSON, whatever it is called
  if (weak('any-content-type') && only === 'application/json') type = only;
  // careless: a picture is whatever says so, and what says nothing may be one too
  const picture = weak('upload-anything') && declared.has('image/png');
  if (picture && type === '') type = 'application/octet-stream';
  const strange = (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) || !declared.has(type);
  if ((strange && !picture) || (request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refusal('unsupported_type', `Send ${[...declared.keys()].join(' or ')}, in UTF-8 and without a coding.`);
  }
  const bytes = await readBytes(request, weak('no-body-limits') ? MACHINE : BODY);
  if (type === 'application/json') return { type, bytes, body: readJson(weak, bytes) };
  if (type === 'application/x-www-form-urlencoded') return { type, bytes, body: readForm(weak, bytes) };
  return { type, bytes, body: undefined };
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const declared = Number(request.headers['content-length'] ?? 0);
  // What says that it is far too large is not even begun.
  if (declared > limit + DRAINED) throw tooLarge(limit);
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= limit) chunks.push(chunk as Buffer);
    else if (size > limit + DRAINED) break;
  }
  if (size > limit) throw tooLarge(limit);
  return Buffer.concat(chunks);
}

const tooLarge = (limit: number): Refusal =>
  new Refusal('too_large', `The body may have ${limit} bytes.`, { headers: { connection: 'close' } });

function readJson(weak: Weak, bytes: Buffer): unknown {
  // careless: what cannot be read ends in the handler of errors
  if (weak('stack-traces')) return JSON.parse(bytes.toString('utf8'));
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid([{ at: '', problem: 'must be JSON' }]);
  }
}

function readForm(weak: Weak, bytes: Buffer): Record<string, unknown> {
  const form = new URLSearchParams(bytes.toString('utf8'));
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, value] of form) {
    if (name in values && !weak('no-validation')) throw invalid([{ at: '', problem: 'has a field more than once' }]);
    values[name] = value;
  }
  return values;
}

/** Goes through a body as if it were what the contract says. @throws TypeError where it is not */
function tidy(schema: Schema, value: unknown): void {
  if (schema.nullable === true && value === null) return;
  if (schema.type === 'string') (value as string).trim();
  else if (schema.type === 'integer') (value as number).toFixed(0);
  else if (schema.type === 'array') for (const item of value as unknown[]) tidy(schema.items as Schema, item);
  else if (schema.type === 'object') {
    for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
      const item = (value as Record<string, unknown>)[name];
      if (item !== undefined) tidy(inner, item);
    }
  }
}
