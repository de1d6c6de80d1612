import {
  isInnerList,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
  serializeList,
} from 'structured-headers';
import { type Component, OF_REQUESTS } from './component.ts';
import { readDictionary } from './dictionary.ts';
import { SignatureError } from './error.ts';
import { combined, isResponse, type Message, type RequestMessage, trimmed } from './message.ts';
import { queryParam } from './query-param.ts';

/** Fields that `sf` can be used with: a form can only be made again of a field whose type is known. */
const STRUCTURED: ReadonlyMap<string, 'dictionary' | 'list' | 'item'> = new Map([
  ['accept-signature', 'dictionary'],
  ['cache-status', 'list'],
  ['client-cert', 'item'],
  ['client-cert-chain', 'list'],
  ['content-digest', 'dictionary'],
  ['idempotency-key', 'item'],
  ['priority', 'dictionary'],
  ['proxy-status', 'list'],
  ['repr-digest', 'dictionary'],
  ['signature', 'dictionary'],
  ['signature-input', 'dictionary'],
  ['want-content-digest', 'dictionary'],
  ['want-repr-digest', 'dictionary'],
]);

/**
 * The value of a component in a message (RFC 9421, sections 2.1 to 2.4).
 * @throws SignatureError where the message does not have it exactly once, or it is not supported
 */
export function componentValue(component: Component, message: Message): string {
  const { name, parameters } = component;
  if (!parameters.has('req')) return valueIn(component, message);
  if (!isResponse(message)) throw new SignatureError('req is for responses only');
  if (message.request === undefined) throw new SignatureError('the request that was answered is not known');
  if (name === '@status') throw new SignatureError('a request has no @status');
  return valueIn(component, message.request);
}

function valueIn(component: Component, message: Message): string {
  const { name, parameters } = component;
  if (!name.startsWith('@')) return fieldValue(name, parameters, message);
  if (name === '@status') {
    if (!isResponse(message)) throw new SignatureError('a request has no @status');
    return String(message.status);
  }
  if (isResponse(message) && OF_REQUESTS.has(name)) throw new SignatureError(`a response has ${name} only with req`);
  return derived(name, parameters, message as RequestMessage);
}

function derived(name: string, parameters: Component['parameters'], request: RequestMessage): string {
  const { path, query } = request;
  switch (name) {
    case '@method':
      return request.method;
    case '@target-uri':
      return `${request.scheme}://${authorityOf(request)}${targetOf(request)}`;
    case '@authority':
      return authorityOf(request);
    case '@scheme':
      return request.scheme;
    case '@request-target':
      return targetOf(request);
    case '@path':
      return path === '' ? '/' : path;
    case '@query':
      return `?${query ?? ''}`;
    case '@query-param':
      return queryParam(query ?? '', parameters.get('name') as string);
    default:
      throw new SignatureError(`${name} is not supported`);
  }
}

const targetOf = ({ path, query }: RequestMessage): string => (query === undefined ? path : `${path}?${query}`);

/** Lower case, without the scheme's own port (RFC 9421, section 2.2.3). */
function authorityOf({ authority, scheme }: RequestMessage): string {
  const lower = authority.toLowerCase();
  const port = scheme === 'https' ? ':443' : ':80';
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
}

function fieldValue(name: string, parameters: Component['parameters'], message: Message): string {
  const value = message.field(name);
  if (value === undefined) throw new SignatureError(`the message has no field ${name}`);
  if (parameters.has('bs')) return wrapped(name, parameters, value);
  const text = combined(value);
  const key = parameters.get('key');
  if (typeof key === 'string') return memberOf(name, text, key);
  return parameters.has('sf') ? strict(name, text) : text;
}

/** Binary-wrapped lines (RFC 9421, section 2.1.3): possible only where the lines are still apart. */
function wrapped(name: string, parameters: Component['parameters'], value: string | readonly string[]): string {
  if (parameters.has('sf') || parameters.has('key')) throw new SignatureError('bs cannot be used with sf or key');
  if (typeof value === 'string')
    throw new SignatureError(`bs is not supported: the lines of ${name} are not kept apart`);
  return value.map((line) => `:${Buffer.from(trimmed(line), 'latin1').toString('base64')}:`).join(', ');
}

function memberOf(name: string, text: string, key: string): string {
  const member = readDictionary(name, text).get(key);
  if (member === undefined) throw new SignatureError(`${name} has no member of the key that is covered`);
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

function strict(name: string, text: string): string {
  const type = STRUCTURED.get(name);
  if (type === undefined) throw new SignatureError(`sf is not supported for ${name}: its type is not known`);
  try {
    if (type === 'dictionary') return serializeDictionary(parseDictionary(text));
    return type === 'list' ? serializeList(parseList(text)) : serializeItem(parseItem(text));
  } catch {
    throw new SignatureError(`${name} is not a structured field`);
  }
}
