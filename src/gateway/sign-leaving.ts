import { crashed } from './crashed.ts';
import type { Exchange, Leaving } from './exchange.ts';
import type { CompiledStage } from './plan.ts';
import type { Refusal } from './refusal.ts';

/** Headers as they are about to be sent: an answer's, or those of a refusal. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Runs the stage `sign`, where there is one, on what is about to leave; it sets its headers on the exchange.
 * @param content all of the body; undefined where it is streamed
 * @returns why it must not leave
 */
export function signLeaving(
  stage: CompiledStage | undefined,
  exchange: Exchange,
  status: number,
  headers: Headers,
  content: Leaving['content'],
): Refusal | undefined {
  if (stage === undefined) return undefined;
  const before = performance.now();
  const own = exchange.answerHeaders;
  const header = (name: string): string | undefined => {
    if (name === 'x-exchange-id') return exchange.id;
    const value = own[name] ?? headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  exchange.leaving = { status, header, content };
  let refusal: Refusal | undefined;
  try {
    const result = stage.run(exchange);
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TypeError('sign must be synchronous');
    }
    refusal = result;
  } catch (error) {
    refusal = crashed(stage.name, error);
  }
  exchange.timings[stage.index] = performance.now() - before;
  return refusal;
}
