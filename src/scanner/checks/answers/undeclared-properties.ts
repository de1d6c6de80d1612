import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Severity } from '../../model/finding.ts';
import { again, within } from './observed.ts';
import { sensitivityOf } from './sensitive-names.ts';
import { rememberSent, wasSent } from './sent.ts';
import { undeclaredIn, valuesAt } from './undeclared.ts';

/** Answers of an operation and status that are compared: what is over-shared shows soon. */
const COMPARED = 40;
/** How deep an undeclared object is looked into, and members of each level. */
const DEPTH = 3;
const MEMBERS = 100;

/** Answers hold properties that the contract does not name. */
export const check: Check = {
  id: 'undeclared-properties',
  group: 'answers',
  title: 'Answers hold more than the contract says',
  practice: 'necessary-only',
  cwe: 'CWE-213',
  owasp: 'API3:2023',
  severity: 'medium',
  why: 'Whole rows of a table leave where a few fields were meant to. Users of the front end never see the rest; whoever reads the answers does.',
  mend: 'Answer with the fields of the contract, by name. Portcullis strips what the contract does not name (disclosure).',

  observe(exchange, context) {
    const { operation, answer } = exchange;
    rememberSent(context, exchange);
    if (!operation || answer.status < 200 || answer.status > 299 || answer.body.length === 0) return;
    if (!within(context, `${operation.key} ${answer.status}`, COMPARED)) return;
    for (const pointer of undeclaredIn(exchange)) {
      const name = pointer.slice(pointer.lastIndexOf('/') + 1);
      const values = valuesAt(answer.json, pointer);
      const worst = worstOf(context, name, values) ?? addressOfOthers(context, exchange, name, values);
      const inside = worst && worst.name !== name ? `, with ${worst.name} in it` : '';
      const shows = (shown: Exchange): readonly string[] | undefined =>
        undeclaredIn(shown).includes(pointer) ? [`"${worst?.name ?? name}"`] : undefined;
      void context.report({
        message: `the answer holds ${pointer}${inside}, which the contract does not name`,
        operation,
        place: `answer ${pointer}`,
        severity: worst?.severity ?? 'informational',
        cause: worst ? `${operation.key} sensitive` : 'not sensitive by name',
        proof: { exchanges: [exchange], marks: [`"${worst?.name ?? name}"`] },
        again: again(context, exchange, shows),
      });
    }
  },
};

interface Named {
  readonly name: string;
  readonly severity: Severity;
}

/** E-mail addresses of others: told to whoever reads a list, though the contract does not say so. */
function addressOfOthers(
  context: CheckContext,
  { as }: Exchange,
  name: string,
  values: readonly unknown[],
): Named | undefined {
  const caller = context.identities.find((one) => one.name === as);
  if (caller === undefined || /admin|staff/i.test(caller.role ?? '')) return undefined;
  const others = context.identities.filter((one) => one !== caller);
  const isTold = values.some(
    (value) =>
      typeof value === 'string' &&
      value.includes('@') &&
      !caller.own.has(value) &&
      others.some(({ own }) => own.has(value)),
  );
  return isTold ? { name, severity: 'medium' } : undefined;
}

/** The worst of a property and of what stands in it: `account: {passwordHash}` is undeclared as a whole. */
function worstOf(context: CheckContext, name: string, values: readonly unknown[], depth = 0): Named | undefined {
  const own = values.filter((value) => typeof value !== 'object' && !wasSent(context, value as string | number));
  const severity = sensitivityOf(name, own);
  if (severity) return { name, severity };
  if (depth >= DEPTH) return undefined;
  for (const value of values.slice(0, MEMBERS)) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value).slice(0, MEMBERS)) {
      const found = worstOf(context, Array.isArray(value) ? name : key, [item], depth + 1);
      if (found) return found;
    }
  }
  return undefined;
}
