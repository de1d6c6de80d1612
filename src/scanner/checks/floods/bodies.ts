import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Identity } from '../../model/identity.ts';

/** A call with a JSON body that an identity may send, and who. */
export interface JsonCall {
  readonly operation: Operation;
  readonly call: Call;
  readonly as: Identity | null;
}

/**
 * Operations that take JSON, at most `most`, each with a call that worked. Their bodies are replaced by what cannot
 * change anything: too large, too deep, or packed. Operations that log in come last: they may lock somebody out.
 */
export function jsonCalls(context: CheckContext, most: number): JsonCall[] {
  const found: JsonCall[] = [];
  const { login, logout, account } = context.known;
  const apart = [...login, ...logout, ...account];
  const order = [
    ...context.operations.filter((operation) => !apart.includes(operation)),
    ...context.operations.filter((operation) => login.includes(operation)),
  ];
  for (const operation of order) {
    if (found.length >= most) break;
    const sample = context.samples(operation).find(({ call }) => /[/+]json\b/.test(call.body?.type ?? ''));
    if (sample) found.push({ operation, call: sample.call, as: sample.as ?? null });
  }
  return found;
}

/** A request of `json` with another body. */
export function withBody(
  context: CheckContext,
  { call, as }: JsonCall,
  body: string | Uint8Array,
  coding?: string,
): ScanRequest {
  const plain = context.render(call, as);
  const headers = plain.headers.filter(([name]) => !/^content-(?:length|encoding)$/i.test(name));
  return { ...plain, headers: coding ? [...headers, ['Content-Encoding', coding] as const] : headers, body };
}

/** The exchange as it is kept: of a large body only the beginning, and the command that prints all of it. */
export function abridged(exchange: Exchange, bodyCommand: string): Exchange {
  const { body = '' } = exchange.request;
  // Copied: a view would keep all of it in memory.
  const begin = typeof body === 'string' ? body.slice(0, 64) : Uint8Array.from(body.subarray(0, 64));
  return { ...exchange, request: { ...exchange.request, body: begin, bodyCommand } };
}

/** Whether two answers say the same: status, and the text without numbers and ids, which differ from one to the next. */
export function sameAnswer(a: Exchange, b: Exchange): boolean {
  return (
    a.answer.status === b.answer.status &&
    a.answer.status !== 0 &&
    a.answer.failure === b.answer.failure &&
    shapeOf(a.answer.text) === shapeOf(b.answer.text)
  );
}

const shapeOf = (text: string): string =>
  text
    .slice(0, 2_000)
    .replace(/[\da-f]{8,}(?:-[\da-f]{4,12}){0,4}|\d+/gi, '#')
    // Where the parser stopped, and the piece of the body that it shows, are not what is said.
    .replace(/(?:#[,.: -]{0,3})+/g, '#');

/** Whether the API still serves a second caller: a plain read, or the root. */
export async function serves(context: CheckContext): Promise<boolean> {
  for (const operation of context.operations) {
    if (operation.method !== 'GET') continue;
    const sample = context.samples(operation)[0];
    if (!sample) continue;
    // Not in the operation's name: one that hangs is to be asked again.
    const { answer } = await context.request(
      context.render(sample.call, sample.as ?? null),
      { as: sample.as?.name },
      { fresh: true },
    );
    return answer.status > 0 && answer.status < 500;
  }
  const { answer } = await context.request({ method: 'GET', target: '/', headers: [] }, {}, { fresh: true });
  return answer.status > 0;
}
