import assert from 'node:assert/strict';
import type { Operation, Parameter } from '../contract/model.ts';
import type { Parameters } from '../gateway/exchange.ts';
import type { Violation } from '../gateway/refusal.ts';
import { exchangeOf, operation, type Sent } from './fixture.ts';
import { compileParameters, type JudgeParameters } from './parameters.ts';
import { requestSchema } from './schemas.ts';
import { settings, type ValidationSettings } from './settings.ts';

/** Makings of the tests of parameters: some schemas, a judge, and what it says. */

export const INTEGER = { type: 'integer' };
export const TEXT = { type: 'string' };
export const INTEGERS = { type: 'array', items: INTEGER };
export const TEXTS = { type: 'array', items: TEXT };
export const RGB = { type: 'object', properties: { R: INTEGER, G: INTEGER, name: TEXT } };

export function compile(
  parameters: Parameter[],
  set: Partial<ValidationSettings> = {},
  parts: Partial<Operation> = {},
): JudgeParameters {
  return compileParameters(operation({ method: 'GET', parameters, ...parts }), {
    settings: { ...settings.parse({}), ...set },
    compile: requestSchema,
    free: parts.template === '/**',
  });
}

export const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

export function passes(judge: JudgeParameters, sent: Sent, where: keyof Parameters): unknown {
  const exchange = exchangeOf({ method: 'GET', ...sent });
  const refusal = judge(exchange);
  assert.equal(refusal, undefined, JSON.stringify(refusal?.violations));
  return plain((exchange.parameters as Parameters)[where]);
}

export function refused(judge: JudgeParameters, sent: Sent): readonly Violation[] {
  const exchange = exchangeOf({ method: 'GET', ...sent });
  const refusal = judge(exchange);
  assert.equal(refusal?.code, 'invalid-request', JSON.stringify(exchange.parameters));
  assert.equal(exchange.parameters, undefined);
  return refusal?.violations ?? [];
}

export const query = (judge: JudgeParameters, text: string): unknown => passes(judge, { query: text }, 'query');
export const refusedQuery = (judge: JudgeParameters, text: string): string[] =>
  refused(judge, { query: text }).map((each) => {
    assert.equal(each.in, 'query');
    return each.pointer;
  });
