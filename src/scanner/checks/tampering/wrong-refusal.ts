import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { marksOf } from '../injection/common/marks.ts';
import { again } from '../injection/common/targets.ts';
import { sendTampered, type Tried, trials, works } from './common/trials.ts';

/** What a wrong value may be refused with (RFC 9110, clause 15.5); 404 and 409 where the value names something. */
const RIGHT: ReadonlySet<number> = new Set([400, 406, 409, 411, 412, 413, 414, 415, 422, 424, 428, 429, 431]);

export const check: Check = {
  id: 'wrong-refusal',
  group: 'tampering',
  title: 'Wrong values are refused with a misleading status',
  practice: 'validate',
  cwe: 'CWE-393',
  owasp: 'API8:2023',
  severity: 'informational',
  why: 'A refusal that says "not found", "not allowed" or "elsewhere" for a wrong value leads clients and their operators astray, and hides attacks from who counts 400s.',
  mend: 'Refuse values that break the contract with 400 or 422 before the object is looked for or the rights are asked.',
  async run(context) {
    const wrong = (await trials(context)).filter(isWrong);
    const operations = new Map<string, Tried>();
    for (const tried of wrong) {
      const { key } = tried.ground.operation;
      if (!operations.has(key)) operations.set(key, tried);
    }
    for (const tried of operations.values()) {
      if (context.signal.aborted) return;
      const { ground, label, status, tampered } = tried;
      const show = again(context, ground, async () => await misleads(context, tried));
      const proof = await show();
      if (!proof) continue;
      const message = `${ground.operation.key} answers ${status} where ${label} breaks the contract (${tampered.breaks}); 400 or 422 would say so`;
      await context.report({
        message,
        operation: ground.operation,
        place: label,
        cause: `status ${status}`,
        proof,
        again: show,
      });
    }
  },
};

/** A type or a form that is wrong; where the value names something, "not found" is right as well. */
function isWrong({ tampered, outcome, status, place, ground }: Tried): boolean {
  if (!tampered.strict || ground.login || place.in === 'path' || place.in === 'cookie') return false;
  if (!/^(type|format|required|minLength|maxLength|additionalProperties)/.test(tampered.breaks)) return false;
  if (outcome === 'success' || outcome === 'error' || outcome === 'none' || outcome === 'limited') return false;
  return status >= 300 && status < 500 && !RIGHT.has(status);
}

async function misleads(context: CheckContext, { ground, place, tampered, status }: Tried): Promise<Proof | undefined> {
  const before = await works(context, ground);
  if (!before) return undefined;
  const exchange = await sendTampered(context, ground, place, tampered.value);
  if (exchange.answer.status !== status || !(await works(context, ground))) return undefined;
  return { exchanges: [before, exchange], marks: [String(status), ...marksOf(exchange, tampered.value)] };
}
