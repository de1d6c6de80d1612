// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { readBody, text } from '../checks.ts';
import type { Route } from '../clinic.ts';
import type { Answered } from '../outside.ts';

export const insurance: readonly Route[] = [
  {
    method: 'POST',
    path: '/insurance/checks',
    handle: async ({ weak, outside }, ask) => {
      needRole(ask.caller(), 'clerk', 'admin');
      const values = readBody(weak, await ask.json(), {
        memberNumber: { check: text(10, 12, /^[A-Z]{2}\d{8,10}$/), required: true },
        remark: { check: text(1, 200) },
      });
      const memberNumber = String(values.memberNumber);
      const answered = await outside.askInsurer({ memberNumber, remark: String(values.remark ?? '') });
      if (weak('trusts-third-party')) {
        // careless: the insurer is a partner, so what it answers goes out as it came: type, properties, markup
        return { status: 200, raw: answered.text, headers: { 'content-type': answered.type } };
      }
      return { status: 200, body: { memberNumber, ...understood(answered, memberNumber) } };
    },
  },
];

/** Careful: of a partner's answer only what is needed, and only where it is what it should be. */
function understood(
  { status, type, text: answer }: Answered,
  memberNumber: string,
): { valid: boolean; insurer?: string } {
  if (status !== 200 || type !== 'application/json' || answer.length > 10_000) return { valid: false };
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return { valid: false };
  }
  const facts = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (facts.memberNumber !== memberNumber || facts.valid !== true) return { valid: false };
  return text(1, 80)(facts.insurer) === undefined ? { valid: true, insurer: String(facts.insurer) } : { valid: true };
}
