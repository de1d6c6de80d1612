import type { CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';

/** Values that are remembered, and bytes of a body that is read for them. */
const MOST = 2_000;
const LARGEST = 64 * 1024;
const WORTH = /pass|pwd|secret|token|salt|ssn|iban|tax|card|salary|cvv|cvc|key|hash|national|internal|private/i;

const values = new WeakMap<CheckContext, Set<string>>();

/**
 * Remembers what the scan itself sent under names that sound secret: an API that keeps whatever it is given hands it out
 * again, and then it gave away nothing of its own. What an account was registered or logged in with is not remembered.
 */
export function rememberSent(context: CheckContext, { request, operation }: Exchange): void {
  const { body } = request;
  if (typeof body !== 'string' || body.length > LARGEST || !WORTH.test(body)) return;
  const { login, register } = context.known;
  if (operation && (login.includes(operation) || register.includes(operation))) return;
  let sent = values.get(context);
  if (!sent) values.set(context, (sent = new Set()));
  if (sent.size >= MOST) return;
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return;
  }
  const walk = (value: unknown, depth: number): void => {
    if (sent.size >= MOST || depth > 12) return;
    if (typeof value === 'string' || typeof value === 'number') sent.add(String(value).slice(0, 500));
    else if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) walk(item, depth + 1);
  };
  walk(json, 0);
}

/** Whether the scan sent the value itself, earlier. */
export const wasSent = (context: CheckContext, value: string | number): boolean =>
  values.get(context)?.has(String(value).slice(0, 500)) === true;
