import type { CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * How what was observed in an exchange is confirmed: by sending the same request once more, where that changes nothing.
 * What changed something is not repeated: the answer itself is the proof.
 * @param marks the parts of an answer that show it; undefined where it does not
 */
export function again(
  context: CheckContext,
  exchange: Exchange,
  marks: (exchange: Exchange) => readonly string[] | undefined,
): () => Promise<Proof | undefined> {
  return async () => {
    const { request, operation, as } = exchange;
    const changes = !READING.has(request.method) && context.outcome(exchange) === 'success';
    const shown = changes ? exchange : await context.request(request, { operation, as });
    const found = marks(shown);
    return found && { exchanges: [shown], marks: found };
  };
}

const counts = new WeakMap<CheckContext, Map<string, number>>();

/** Whether something was looked at fewer than `most` times in this scan by this check; counts it. What is wrong shows soon. */
export function within(context: CheckContext, key: string, most: number): boolean {
  let own = counts.get(context);
  if (!own) counts.set(context, (own = new Map()));
  const count = own.get(key) ?? 0;
  if (count >= most) return false;
  own.set(key, count + 1);
  return true;
}

/** Whether the request itself held the text, so that an echo of an attack is not taken for something of the API's own. */
export function sentBefore({ request }: Exchange, text: string): boolean {
  const body = typeof request.body === 'string' ? request.body : '';
  return decoded(request.target).includes(text) || body.includes(text) || decoded(body).includes(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
