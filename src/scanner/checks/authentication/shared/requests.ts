import type { Operation } from '../../../../contract/model.ts';
import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange, ScanRequest } from '../../../model/exchange.ts';
import type { Identity } from '../../../model/identity.ts';

/**
 * The request with another secret in the place of the identity's own: in headers, cookies and the target.
 * @returns undefined where the secret does not stand in it
 */
export function withSecret(request: ScanRequest, identity: Identity, replacement: string): ScanRequest | undefined {
  const { secret } = identity;
  if (secret === undefined || secret === '') return undefined;
  const forms: readonly (readonly [string, string])[] = [
    [secret, replacement],
    [encodeURIComponent(secret), encodeURIComponent(replacement)],
  ];
  const swap = (text: string): string => {
    for (const [from, to] of forms) if (text.includes(from)) return text.split(from).join(to);
    return text;
  };
  const headers = request.headers.map(([name, value]) => [name, swap(value)] as const);
  const target = swap(request.target);
  const changed = target !== request.target || headers.some(([, value], at) => value !== request.headers[at]?.[1]);
  return changed ? { ...request, headers, target } : undefined;
}

/** The request with a header set: one of that name is replaced. */
export function withHeader(request: ScanRequest, name: string, value: string): ScanRequest {
  const others = request.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: [...others, [name, value]] };
}

/** The request with headers added. */
export const withHeaders = (request: ScanRequest, added: readonly (readonly [string, string])[]): ScanRequest =>
  added.reduce((changed, [name, value]) => withHeader(changed, name, value), request);

/** The request with a query parameter more. */
export function withQuery(request: ScanRequest, name: string, value: string): ScanRequest {
  const mark = request.target.includes('?') ? '&' : '?';
  return { ...request, target: `${request.target}${mark}${encodeURIComponent(name)}=${encodeURIComponent(value)}` };
}

/** Splits a target into path and query (with its `?`, or empty). */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark) };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits. */
export function randomText(random: () => number, length: number): string {
  let text = '';
  while (text.length < length) text += ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'a';
  return text;
}

/**
 * Sends what should work for `as`, changed by `change`. What changes something is first tried with the known call (a
 * refusal for want of a credential comes first, whatever the state of the object), and only where it fails for another
 * reason with a call that is made anew.
 * @returns undefined where there is no call that may be sent
 */
export async function tryChanged(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  change: (call: Call) => ScanRequest | undefined,
  origin: string | undefined = undefined,
): Promise<{ readonly exchange: Exchange; readonly call: Call } | undefined> {
  const send = async (call: Call) => {
    const request = change(call);
    return request === undefined
      ? undefined
      : { exchange: await context.request(request, { operation, as: origin }), call };
  };
  const known = (await context.sample(operation, as))?.call;
  if (known !== undefined && (operation.method === 'GET' || context.mayTry(known))) {
    const first = await send(known);
    if (first === undefined || operation.method === 'GET') return first;
    const outcome = context.outcome(first.exchange);
    if (outcome === 'success' || outcome === 'unauthenticated' || outcome === 'forbidden' || outcome === 'limited') {
      return first;
    }
  } else if (known === undefined) {
    return undefined;
  }
  const fresh = await context.prepare(operation, as);
  return fresh === undefined ? undefined : send(fresh);
}
