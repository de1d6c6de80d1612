import type { Operation, Parameter, ParameterLocation } from '../contract/model.ts';
import { templateNames } from '../contract/template.ts';
import type { CanonicalRequest, Exchange, Parameters } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { credentialPlaces } from '../shared/credential-places.ts';
import { parameterField } from './carriers.ts';
import { Malformed, token, Violations } from './fault.ts';
import { FieldSet, joinPairs } from './fields.ts';
import { type Demand, demand, judge, refuseMalformed } from './judge.ts';
import type { ValidationOptions } from './options.ts';
import { type Pair, parseCookies, parsePairs } from './pairs.ts';
import { compileQueryString } from './querystring.ts';

export const STAGE = 'validate-parameters';

/** Judges the parameters of an exchange and leaves them, typed, in `exchange.parameters`. */
export type JudgeParameters = (exchange: Exchange) => Refusal | undefined;

const NONE: Record<string, unknown> = Object.freeze(Object.create(null));

/** A header of the contract that others judge (OpenAPI 3, 4.12: "shall be ignored"). Swagger 2.0 has no such rule. */
const IGNORED = new Set(['accept', 'content-type', 'authorization']);
export const isIgnored = (parameter: Parameter): boolean =>
  parameter.in === 'header' && IGNORED.has(parameter.name) && parameter.schema?.dialect !== 'swagger-2.0';

/** Compiles path, query, header and cookie parameters of one operation. */
export function compileParameters(operation: Operation, options: ValidationOptions): JudgeParameters {
  const { settings } = options;
  const report = settings.enforce === 'report';
  const declared = (where: ParameterLocation): Demand[] =>
    operation.parameters.filter((each) => each.in === where && !isIgnored(each)).map((each) => compile(each, options));

  const path = compilePath(operation, declared('path'));
  const headers = declared('header');
  const cookies = declared('cookie');
  const cookieFields = FieldSet.of(cookies.map((each) => each.field));
  const whole = operation.parameters.find((each) => each.in === 'querystring');
  const query =
    whole === undefined ? compileQuery(operation, declared('query'), options) : compileQueryString(whole, options);

  return (exchange) => {
    const { request } = exchange;
    const violations = new Violations();
    const parameters: Parameters = {
      path: path.length === 0 ? NONE : Object.create(null),
      query: request.query === '' ? NONE : Object.create(null),
      header: headers.length === 0 ? NONE : Object.create(null),
      cookie: cookies.length === 0 ? NONE : Object.create(null),
    };
    const values = exchange.pathValues;
    for (let i = 0; i < path.length; i++) {
      const value = values[i];
      const each = path[i] as PathValue;
      if (each.demand === undefined) parameters.path[each.name] = value;
      else judge(each.demand, value === undefined ? undefined : [plain(each.name, value)], parameters.path, violations);
    }

    const rebuilt = query(request.query, parameters.query, violations, exchange);
    if (rebuilt instanceof Malformed) return refuseMalformed(rebuilt, 'query');

    for (const each of headers) {
      const value = request.headers[each.name];
      judge(each, value === undefined ? undefined : [plain(each.name, value)], parameters.header, violations);
    }
    if (cookies.length > 0) {
      const header = request.headers['cookie'];
      const pairs = header === undefined ? [] : parseCookies(header, settings.maxParameters);
      if (pairs instanceof Malformed) return refuseMalformed(pairs, 'cookie');
      const { given } = cookieFields.sort(pairs);
      for (let i = 0; i < cookies.length; i++) judge(cookies[i] as Demand, given[i], parameters.cookie, violations);
    }

    if (violations.some) {
      if (!report) return refuse('invalid-request', { violations: violations.list });
      exchange.note(STAGE, 'breaks the contract; reported only', { violations: violations.list });
    }
    exchange.parameters = parameters;
    if (rebuilt !== undefined && !report) exchange.request = withQuery(request, rebuilt);
    return undefined;
  };
}

/** @returns the query to forward where it is another than the one that came, or Malformed. */
export type JudgeQuery = (
  query: string,
  into: Record<string, unknown>,
  violations: Violations,
  exchange: Exchange,
) => string | undefined | Malformed;

function compileQuery(operation: Operation, demands: readonly Demand[], options: ValidationOptions): JudgeQuery {
  const { settings, free } = options;
  const policy = free ? 'allow' : settings.undeclaredParameters;
  const report = settings.enforce === 'report';
  const fields = FieldSet.of(demands.map((each) => each.field));
  const credentials = new Set(credentialPlaces(operation).query);
  const required = demands.filter((each) => each.required);

  return (query, into, violations, exchange) => {
    if (query === '') {
      for (const each of required) violations.add('query', each.pointer, 'is required');
      return undefined;
    }
    const pairs = parsePairs(query, settings.maxParameters);
    if (pairs instanceof Malformed) return pairs;
    const { given, undeclared } = fields.sort(pairs);
    let rewritten: Map<Pair, string> | undefined;
    for (let i = 0; i < demands.length; i++) {
      const each = demands[i] as Demand;
      const mine = given[i];
      judge(each, mine, into, violations);
      const { rewrite } = each.field;
      if (rewrite === undefined || mine === undefined) continue;
      for (const pair of mine) {
        const text = rewrite(pair);
        if (text !== undefined) (rewritten ??= new Map()).set(pair, text);
      }
    }
    let dropped: Set<Pair> | undefined;
    let credentialsSeen: Set<string> | undefined;
    for (const pair of undeclared) {
      const { name } = pair;
      // The contract's own security schemes: judged by authentication, never handed on as a parameter.
      if (credentials.has(name)) {
        credentialsSeen ??= new Set();
        if (credentialsSeen.has(name)) violations.add('query', token(name), 'is given more than once');
        credentialsSeen.add(name);
      } else if (policy === 'strip') (dropped ??= new Set()).add(pair);
      else {
        if (policy === 'refuse') violations.add('query', token(name), 'is not declared');
        else if (!free && fields.resembles(name))
          violations.add('query', token(name), 'can be read as a declared parameter');
        else if (pair.semicolon) violations.add('query', token(name), 'holds a semicolon that must be percent-encoded');
        keep(into, pair);
      }
    }
    if (dropped !== undefined)
      exchange.note(
        STAGE,
        report ? 'would remove undeclared query parameters' : 'removed undeclared query parameters',
        {
          count: dropped.size,
          names: [...new Set(Array.from(dropped, (pair) => pair.name.slice(0, 64)))].slice(0, 20),
        },
      );
    return dropped === undefined && rewritten === undefined ? undefined : joinPairs(pairs, dropped, rewritten);
  };
}

/** An undeclared value that goes on: text, or all texts where it is repeated, so that what searches sees each. */
function keep(into: Record<string, unknown>, pair: Pair): void {
  const before = into[pair.name];
  if (before === undefined) into[pair.name] = pair.value;
  else if (Array.isArray(before)) before.push(pair.value);
  else into[pair.name] = [before, pair.value];
}

function compile(parameter: Parameter, { settings, compile: compileSchema }: ValidationOptions): Demand {
  const field = parameterField(parameter, { depth: settings.maxDepth, values: settings.maxValues });
  // A parameter cannot be cut in place: what could be stripped from a body is refused here.
  const undeclared = settings.undeclaredProperties === 'allow' ? 'allow' : 'refuse';
  return demand(field, parameter.required, parameter.schema && compileSchema(parameter.schema, undeclared));
}

interface PathValue {
  readonly name: string;
  readonly demand: Demand | undefined;
}

/** Path values come in the template's order. */
function compilePath(operation: Operation, demands: readonly Demand[]): PathValue[] {
  return templateNames(operation.template).map((name) => ({
    name,
    demand: demands.find((each) => each.name === name),
  }));
}

const plain = (name: string, value: string): Pair => ({
  name,
  value,
  raw: value,
  text: value,
  bare: false,
  semicolon: false,
});

const withQuery = (request: CanonicalRequest, query: string): CanonicalRequest => ({
  method: request.method,
  version: request.version,
  host: request.host,
  authority: request.authority,
  path: request.path,
  segments: request.segments,
  query,
  headers: request.headers,
});
