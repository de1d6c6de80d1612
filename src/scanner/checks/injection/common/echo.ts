import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Proof, Severity } from '../../../model/finding.ts';
import { again, type Target } from './targets.ts';

/** A value, and what an answer holds where it was interpreted. */
export interface Probe {
  readonly value: unknown;
  /** What of the answer shows it; undefined where nothing does. */
  shown(exchange: Exchange): string | undefined;
}

/**
 * Sends a probe; where the answer shows it, the same request without it is the control, and another probe of the same
 * kind (other numbers) the repeat.
 * @param make a new probe, each time with other numbers
 * @returns whether a finding came of it
 */
export async function echoes(
  context: CheckContext,
  target: Target,
  message: string,
  make: () => Probe,
  severity?: (exchange: Exchange) => Severity,
): Promise<boolean> {
  const first = make();
  const exchange = await target.send(first.value);
  const mark = first.shown(exchange);
  if (mark === undefined) return false;
  const control = await target.control();
  if (first.shown(control) !== undefined) return false;
  const { operation, label } = target;
  return await context.report({
    message,
    operation,
    place: label,
    ...(severity ? { severity: severity(exchange) } : {}),
    proof: { exchanges: [control, exchange], marks: [mark] },
    again: again(context, target, async (): Promise<Proof | undefined> => {
      const second = make();
      const repeated = await target.send(second.value);
      const words = second.shown(repeated);
      return words === undefined ? undefined : { exchanges: [control, repeated], marks: [words] };
    }),
  });
}
