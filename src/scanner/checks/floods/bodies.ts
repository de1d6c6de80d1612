import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { CheckContext } from '../../model/check.ts';
import type { Identity } from '../../model/identity.ts';

/** A call with a JSON body that an identity may send, and who. */
export interface JsonCall {
  readonly operation: Operation;
  readonly call: Call;
  readonly as: Identity | null;
}

/**
 * Operations that take JSON, at most `most`, each with a call that worked. Their bodies are replaced by what cannot
 * change anything: too large, too deep, or packed.
 */
export function jsonCalls(context: CheckContext, most: number): JsonCall[] {
  const found: JsonCall[] = [];
  for (const operation of context.operations) {
    if (found.length >= most) break;
    const sample = context.samples(operation).find(({ call }) => call.body?.type.includes('json'));
    if (sample) found.push({ operation, call: sample.call, as: sample.as ?? null });
  }
  return found;
}

/** A request of `json` with another body. */
export function withBody(context: CheckContext, { call, as }: JsonCall, body: string | Uint8Array, coding?: string) {
  const plain = context.render(call, as);
  const headers = plain.headers.filter(([name]) => !/^content-(?:length|encoding)$/i.test(name));
  return { ...plain, headers: coding ? [...headers, ['Content-Encoding', coding] as const] : headers, body };
}

/** Whether the API still serves a second caller: a plain read, or the root. */
export async function serves(context: CheckContext): Promise<boolean> {
  for (const operation of context.operations) {
    if (operation.method !== 'GET') continue;
    const sample = context.samples(operation)[0];
    if (!sample) continue;
    const { answer } = await context.send(sample.call, sample.as ?? null, { fresh: true });
    return answer.status > 0 && answer.status < 500;
  }
  const { answer } = await context.request({ method: 'GET', target: '/', headers: [] }, {}, { fresh: true });
  return answer.status > 0;
}
