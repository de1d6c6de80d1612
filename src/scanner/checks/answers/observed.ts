import type { Operation } from '../../../contract/model.ts';
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
    // What was sent as raw bytes cannot be sent as a request.
    const shown = changes || request.raw ? exchange : await context.request(request, { operation, as });
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

/**
 * Whether the request itself held the text, so that an echo of an attack is not taken for something of the API's own.
 * Echoes come back encoded in other ways than they were sent: both sides are compared without quoting and escapes.
 */
export function sentBefore({ request }: Exchange, text: string): boolean {
  const wanted = bare(text);
  if (wanted === '') return false;
  const body =
    typeof request.body === 'string'
      ? request.body
      : Buffer.from(request.body?.subarray(0, BODY) ?? []).toString('utf8');
  const headers = request.headers.map(([, value]) => value).join('\n');
  return [request.target, body.slice(0, BODY), headers].some(
    (part) => bare(part).includes(wanted) || bare(decoded(part)).includes(wanted),
  );
}

/** Bytes of a body in which an echo is looked for. */
const BODY = 256 * 1024;

const bare = (text: string): string =>
  text.replace(/&(?:quot|#3[49]|apos|lt|gt|amp|#x27);|\\u00[\da-f]{2}|[\\"'`<>&\s]/gi, '');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // One broken escape must not hide the others.
    return text
      .replaceAll('+', ' ')
      .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

const shapes = new WeakMap<Operation, RegExp>();

/**
 * Whether an exchange asked what the contract declares: the operation's method, and a path of its template. Checks try
 * other methods, spellings and paths in an operation's name; what is answered there is not what the contract speaks of.
 */
export function isDeclared({ operation, request }: Exchange): boolean {
  if (!operation || request.method !== operation.method || request.raw) return false;
  let shape = shapes.get(operation);
  if (!shape) {
    const parts = operation.template
      .split(/\{[^}]{0,200}\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    shapes.set(operation, (shape = new RegExp(`^${parts.join('[^/]*')}$`)));
  }
  const path = request.target.split('?', 1)[0] as string;
  if (!shape.test(path)) return false;
  // Headers by which somebody in between is told another path.
  return !request.headers.some(([name]) => /^x-(?:original|rewrite)-ur[il]$|^x-http-method/i.test(name));
}
