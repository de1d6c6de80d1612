import type { Exchange } from './exchange.ts';
import type { PassageContext } from './passage.ts';
import type { OperationPlan } from './plan.ts';
import type { Outgoing } from './read-body.ts';

/**
 * Writes an exchange down, and goes on once its record is safe.
 * @param res destroyed where going on throws
 * @param then goes on; also where the policy says to go on unrecorded
 * @param failed hears why the record could not be written
 */
export function recordThen(
  exchange: Exchange,
  plan: OperationPlan,
  { recorder }: PassageContext,
  res: Outgoing,
  then: () => void,
  failed: (error: unknown) => void,
): void {
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      recorder.event({ event: 'gateway/crashed', note: String(error) });
      res.destroy();
    }
  };
  let recorded: Promise<void> | undefined;
  try {
    recorded = recorder.record(exchange);
  } catch (error) {
    recorded = Promise.reject(error);
  }
  if (recorded === undefined) {
    then();
    return;
  }
  recorded.then(
    () => attempt(then),
    (error: unknown) => attempt(plan.goesOnUnrecorded ? then : () => failed(error)),
  );
}

/** Gives back what an exchange held, and counts it: once, when everything about it is over. */
export function settle(exchange: Exchange, plan: OperationPlan, { recorder, metrics, over }: PassageContext): void {
  for (const release of exchange.finally) {
    try {
      release();
    } catch (error) {
      recorder.event({ event: 'gateway/crashed', note: String(error) });
    }
  }
  const status = exchange.refusal?.status ?? exchange.answer?.status ?? 0;
  metrics.duration(plan.operation.key, status, (performance.now() - exchange.started) / 1000);
  if (exchange.refusal !== undefined) metrics.count('portcullis_refusals_total', { code: exchange.refusal.code });
  over();
}
