import assert from 'node:assert/strict';
import type { MediaType, Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import { compileBody } from './body.ts';
import { exchangeOf, operation, takes } from './fixture.ts';
import { requestSchema } from './schemas.ts';
import { settings, type ValidationSettings } from './settings.ts';

/** Makings of the tests of bodies: a contract, a stage of it, and what it says. */

export const THING = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 20 },
    age: { type: 'integer' },
    id: { type: 'integer', readOnly: true },
    tags: { type: 'array', items: { type: 'string' } },
    inner: { type: 'object', properties: { x: { type: 'integer' } } },
  },
};
export const JSON_TYPE = { 'content-type': 'application/json' };
export const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
export const MULTIPART_TYPE = { 'content-type': 'multipart/form-data; boundary=b' };

export function stageOf(
  content: MediaType[],
  set: Partial<ValidationSettings> = {},
  parts: Partial<Operation> = {},
): Stage {
  return compileBody(operation({ body: takes(true, ...content), ...parts }), {
    // What files are is tried in files/: here they are any bytes.
    settings: { ...settings.parse({ files: { mode: 'off' } }), ...set },
    compile: requestSchema,
    free: parts.template === '/**',
  });
}

export async function run(
  stage: Stage,
  headers: Record<string, string>,
  body: string | Buffer,
): Promise<[Exchange & { reads: number }, Refusal | undefined]> {
  const exchange = exchangeOf({ headers, body });
  return [exchange, await stage(exchange)];
}

export async function passes(stage: Stage, headers: Record<string, string>, body: string | Buffer): Promise<Exchange> {
  const [exchange, refusal] = await run(stage, headers, body);
  assert.equal(refusal, undefined, JSON.stringify(refusal));
  return exchange;
}

export async function refused(stage: Stage, headers: Record<string, string>, body: string | Buffer): Promise<Refusal> {
  const [exchange, refusal] = await run(stage, headers, body);
  assert.ok(refusal !== undefined, `passed: ${String(body).slice(0, 80)}`);
  assert.equal(exchange.body, undefined);
  return refusal;
}

export const pointers = (refusal: Refusal): string[] => (refusal.violations ?? []).map((each) => each.pointer);
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const partOf = (headers: string, content: string): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
export const field = (name: string, content: string, type = ''): string =>
  partOf(`Content-Disposition: form-data; name="${name}"${type === '' ? '' : `\r\nContent-Type: ${type}`}`, content);
export const file = (name: string, content: string, type = 'image/png', filename = 'x.png'): string =>
  partOf(
    `Content-Disposition: form-data; name="${name}"; filename="${filename}"${type === '' ? '' : `\r\nContent-Type: ${type}`}`,
    content,
  );
export const END = '--b--\r\n';
