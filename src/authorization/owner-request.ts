import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { parsePointer } from '../shared/json-pointer.ts';
import { compileClaim, idOf, type Owned, owns } from './claim.ts';
import { formatRule, type OwnerRule } from './settings.ts';

/** A rule in force: `undefined` where it holds, else a refusal. */
export type OwnerStage = (exchange: Exchange) => Refusal | undefined;

/**
 * Compiles a rule on a path, query or header parameter (`authorize-object`) or on the body (`authorize-body`).
 * Fails closed: no principal, no claim, no value, or a value that is no id is not the caller's own.
 */
export function compileRequestRule(rule: OwnerRule, operation: Operation, hide: boolean): OwnerStage {
  const claim = compileClaim(rule.equals);
  const exempt = new Set(rule.unless);
  const judge = compileJudge(rule, operation);
  const text = formatRule(rule);
  return (exchange) => {
    const { principal } = exchange;
    if (principal === undefined) return refuse('not-permitted', { evidence: { rule: text, reason: 'no principal' } });
    if (isExempt(principal, exempt)) return undefined;
    const owned = claim(principal);
    const verdict = judge(exchange, owned);
    if (verdict === 'own') return undefined;
    const reason = owned === undefined ? 'the caller has no such claim' : verdict;
    const evidence = { rule: text, reason };
    // What is not there names no object: to say so reveals nothing, and helps an honest caller.
    if (verdict === 'absent' && rule.path === undefined && owned !== undefined)
      return refuse('not-permitted', { detail: stateIt(rule), evidence });
    return refuse(hide ? 'object-hidden' : 'not-permitted', { evidence });
  };
}

export function isExempt(principal: Principal, exempt: ReadonlySet<string>): boolean {
  if (exempt.size === 0) return false;
  for (const role of principal.roles) if (exempt.has(role)) return true;
  return false;
}

type Verdict = 'own' | 'absent' | 'not the caller’s own';
type Judge = (exchange: Exchange, owned: Owned) => Verdict;

function compileJudge(rule: OwnerRule, operation: Operation): Judge {
  if (rule.path !== undefined) return pathJudge(rule.path, operation);
  if (rule.query !== undefined) return queryJudge(rule.query, operation, rule.default);
  if (rule.header !== undefined) {
    const name = rule.header;
    return (exchange, owned) => judgeValue(read(exchange.parameters?.header, name), owned);
  }
  const steps = parsePointer(rule.body ?? '') ?? [];
  return (exchange, owned) => judgeAt(exchange.body?.value, steps, 0, owned);
}

/**
 * The typed value is judged; where it is a number, its text must be the number's own form as well: `/patients/007` is
 * 7 to this gate and may be another object to the upstream, which receives the text.
 */
function pathJudge(name: string, operation: Operation): Judge {
  const index = [...operation.template.matchAll(/\{([^{}]*)\}/g)].findIndex((match) => match[1] === name);
  const simple = operation.parameters.some((p) => p.in === 'path' && p.name === name && p.style === 'simple');
  return (exchange, owned) => {
    const value = read(exchange.parameters?.path, name);
    if (simple && typeof value === 'number' && exchange.pathValues[index] !== String(value))
      return 'not the caller’s own';
    return judgeValue(value, owned);
  };
}

function queryJudge(name: string, operation: Operation, fill: boolean): Judge {
  const declared = operation.parameters.find((p) => p.in === 'query' && p.name === name);
  const schema = declared?.schema?.schema as { type?: unknown } | undefined;
  const numeric = schema?.type === 'integer' || schema?.type === 'number';
  const key = encodeURIComponent(name);
  return (exchange, owned) => {
    const { parameters, request } = exchange;
    const value = read(parameters?.query, name);
    if (value !== undefined || !fill || parameters === undefined || owned === undefined)
      return judgeValue(value, owned);
    const ids = typeof owned === 'string' ? [owned] : [...owned];
    const [id] = ids;
    if (ids.length !== 1 || id === undefined || !id.isWellFormed()) return 'absent';
    // There, but without a typed value (`?patient`): a second one beside it could be read either way.
    if (new URLSearchParams(request.query).has(name)) return 'not the caller’s own';
    parameters.query[name] = numeric && idOf(Number(id)) === id ? Number(id) : id;
    const pair = `${key}=${encodeURIComponent(id)}`;
    exchange.request = { ...request, query: request.query === '' ? pair : `${request.query}&${pair}` };
    return 'own';
  };
}

const read = (from: Record<string, unknown> | undefined, name: string): unknown =>
  from !== undefined && Object.hasOwn(from, name) ? from[name] : undefined;

/** A parameter that is a list asks for each of its items. An empty one asks for nothing in particular: for all. */
function judgeValue(value: unknown, owned: Owned): Verdict {
  if (value === undefined) return 'absent';
  if (!Array.isArray(value)) return owns(owned, value) ? 'own' : 'not the caller’s own';
  return value.length > 0 && value.every((item) => owns(owned, item)) ? 'own' : 'not the caller’s own';
}

/** In a body a list stands only where the rule has a `*`; elsewhere it is not the caller's own, whatever is in it. */
function judgeAt(value: unknown, steps: readonly string[], from: number, owned: Owned): Verdict {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as string;
    if (typeof value !== 'object' || value === null) return value === undefined ? 'absent' : 'not the caller’s own';
    if (Array.isArray(value)) {
      if (step !== '*') return 'not the caller’s own';
      for (const item of value) {
        const verdict = judgeAt(item, steps, i + 1, owned);
        if (verdict !== 'own') return verdict;
      }
      return 'own';
    }
    if (step === '*') return 'not the caller’s own';
    value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }
  if (value === undefined) return 'absent';
  return owns(owned, value) ? 'own' : 'not the caller’s own';
}

const stateIt = (rule: OwnerRule): string =>
  rule.query !== undefined
    ? `State the query parameter ${rule.query}, with a value of your own.`
    : rule.header !== undefined
      ? `State the header ${rule.header}, with a value of your own.`
      : `State ${rule.body} in the body, with a value of your own.`;
