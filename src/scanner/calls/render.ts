import type { Parameter } from '../../contract/model.ts';
import { type Call, Verbatim } from '../model/call.ts';
import type { ScanRequest } from '../model/exchange.ts';
import type { Credentials } from '../model/identity.ts';
import { renderBody } from './body.ts';
import { headerText, literal, percent, percentReserved } from './encode.ts';
import { writeForm } from './form.ts';
import { kindOf } from './media.ts';
import { type Piece, pairsOf, scalarText, textOf } from './styles.ts';
import { writeJson } from './write-json.ts';

/** What is accepted: JSON where it can be had, else anything. A call that has a value for `header:accept` says so itself. */
const ACCEPT = 'application/json, */*;q=0.5';

const NO_CREDENTIALS: Credentials = { headers: [], query: [], cookies: [] };

/**
 * The request that a call is, written as the contract says: styles, encodings, media types. `Verbatim` stands as it is.
 * A parameter that is not sent leaves its place in the path empty. Credentials go over what the call has under the
 * same name.
 *
 * @param base only its path is read, and set before the template where that does not begin with it already
 */
export function render(call: Call, credentials: Credentials | undefined, base: URL): ScanRequest {
  const { operation, values } = call;
  const proof = credentials ?? NO_CREDENTIALS;
  const declared = new Map<string, Parameter>();
  for (const parameter of operation.parameters) {
    declared.set(`${parameter.in === 'querystring' ? 'query' : parameter.in}:${parameter.name}`, parameter);
  }
  const query: Piece[] = [];
  const headers: [string, string][] = [];
  const cookies: Piece[] = [];
  let whole: string | undefined;
  const given = new Set(proof.query.map(([name]) => name));
  const baked = new Set(proof.cookies.map(([name]) => name));
  const proven = new Set(proof.headers.map(([name]) => name.toLowerCase()));
  for (const [key, value] of values) {
    const colon = key.indexOf(':');
    const place = key.slice(0, colon);
    const name = key.slice(colon + 1);
    const parameter = declared.get(key);
    if (place === 'query') {
      if (parameter?.in === 'querystring') whole = wholeQuery(parameter, value);
      else if (!given.has(name)) query.push(...queryPairs(name, parameter, value));
    } else if (place === 'header') {
      if (!proven.has(name.toLowerCase())) headers.push([name, headerValue(name, parameter, value)]);
    } else if (place === 'cookie' && !baked.has(name)) cookies.push(...cookiePairs(name, parameter, value));
  }
  for (const [name, value] of proof.query) query.push([percent(name), percent(value)]);
  cookies.push(...proof.cookies);
  for (const [name, value] of proof.headers) headers.push([name, value]);
  if (cookies.length > 0) mergeCookies(headers, cookies);
  const path = pathOf(call, declared);
  const search = [
    ...(whole === undefined || whole === '' ? [] : [whole]),
    ...query.map(([name, text]) => `${name}=${text}`),
  ];
  const target = prefixed(base, path) + (search.length > 0 ? `?${search.join('&')}` : '');
  const has = (name: string): boolean => headers.some(([each]) => each.toLowerCase() === name);
  if (!has('accept')) headers.unshift(['Accept', ACCEPT]);
  const request = { method: operation.method, target, headers };
  if (call.body === undefined) return request;
  const body = renderBody(call.body, operation);
  if (body.type !== '' && !has('content-type')) headers.push(['Content-Type', body.type]);
  return { ...request, body: body.content };
}

const PARAMETER = /\{([^{}]+)\}/g;

function pathOf({ operation, values }: Call, declared: ReadonlyMap<string, Parameter>): string {
  let path = '';
  let from = 0;
  for (const found of operation.template.matchAll(PARAMETER)) {
    const name = found[1] as string;
    path += literal(operation.template.slice(from, found.index));
    from = found.index + found[0].length;
    const key = `path:${name}`;
    if (values.has(key)) path += pathValue(name, declared.get(key), values.get(key));
  }
  return path + literal(operation.template.slice(from));
}

function pathValue(name: string, parameter: Parameter | undefined, value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (parameter?.contentType !== undefined) return percent(contentText(parameter.contentType, value));
  return textOf(
    { name, style: parameter?.style ?? 'simple', explode: parameter?.explode ?? false, encode: percent },
    value,
  );
}

function queryPairs(name: string, parameter: Parameter | undefined, value: unknown): Piece[] {
  const encode = parameter?.allowReserved ? percentReserved : percent;
  if (parameter?.contentType !== undefined && !(value instanceof Verbatim))
    return [[encode(name), encode(contentText(parameter.contentType, value))]];
  return pairsOf({ name, style: parameter?.style ?? 'form', explode: parameter?.explode ?? true, encode }, value);
}

function headerValue(name: string, parameter: Parameter | undefined, value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (parameter?.contentType !== undefined) return headerText(contentText(parameter.contentType, value));
  return textOf({ name, style: 'simple', explode: parameter?.explode ?? false, encode: headerText }, value);
}

/** What ends a cookie or its name is encoded even where the style encodes nothing. */
const cookieText = (text: string): string =>
  text.replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, (char) => percent(char));

function cookiePairs(name: string, parameter: Parameter | undefined, value: unknown): Piece[] {
  const encode = parameter?.style === 'cookie' ? cookieText : percent;
  if (parameter?.contentType !== undefined && !(value instanceof Verbatim))
    return [[encode(name), encode(contentText(parameter.contentType, value))]];
  return pairsOf({ name, style: parameter?.style ?? 'form', explode: parameter?.explode ?? true, encode }, value);
}

/** One Cookie header (RFC 6265, section 5.4), whatever else the call or the identity puts there. */
function mergeCookies(headers: [string, string][], cookies: readonly Piece[]): void {
  const text = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
  const index = headers.findIndex(([name]) => name.toLowerCase() === 'cookie');
  if (index < 0) headers.push(['Cookie', text]);
  else headers[index] = ['Cookie', `${(headers[index] as [string, string])[1]}; ${text}`];
}

const contentText = (type: string, value: unknown): string =>
  kindOf(type) === 'json' ? writeJson(value) : scalarText(value);

/** A query that is one value (OpenAPI 3.2, `in: querystring`). */
function wholeQuery(parameter: Parameter, value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (kindOf(parameter.contentType ?? '') === 'json') return percent(writeJson(value));
  return writeForm(value, new Map());
}

function prefixed(base: URL, path: string): string {
  const prefix = base.pathname.replace(/\/+$/, '');
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path;
}
