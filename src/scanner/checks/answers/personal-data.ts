import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Severity } from '../../model/finding.ts';
import { again, isDeclared, sentBefore, within } from './observed.ts';
import { PERSONAL } from './personal.ts';
import { undeclaredIn } from './undeclared.ts';

/** Answers of an operation that are searched, values in one, and depth. */
const ANSWERS = 30;
const VALUES = 3_000;
const DEPTH = 30;
/** Different addresses in one answer from which on it is a list of people. */
const ADDRESSES = 3;
const ADDRESS = /^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}$/;

interface Personal {
  readonly kind: string;
  readonly pointer: string;
  readonly value: string;
}

/** Data about people leaves to those who are not these people. */
export const check: Check = {
  id: 'personal-data',
  group: 'answers',
  title: 'Personal data of others is answered',
  practice: 'necessary-only',
  cwe: 'CWE-359',
  owasp: 'API3:2023',
  severity: 'informational',
  why: 'Numbers of accounts and identity cards, and lists of addresses, are what is sold after a leak. Whoever may read them should be somebody who needs them.',
  mend: 'Answer with the few fields that the caller needs, and mask the rest. Portcullis strips what the contract does not name and masks x-portcullis-sensitive fields.',

  observe(exchange, context) {
    const { operation, answer, as } = exchange;
    if (!operation || answer.status < 200 || answer.status > 299 || !isDeclared(exchange)) return;
    if (!within(context, `${operation.key} ${as ?? ''}`, ANSWERS)) return;
    for (const { kind, pointer, value } of personalIn(exchange, context)) {
      const undeclared = undeclaredIn(exchange).some((one) => pointer === one || pointer.startsWith(`${one}/`));
      const severity: Severity = undeclared && kind !== 'addresses of several people' ? 'medium' : 'informational';
      void context.report({
        message: `the answer to ${as ?? 'a caller without a credential'} holds ${kind} of others at ${pointer}`,
        operation,
        place: `answer ${pointer}`,
        cause: `${operation.key} ${kind}${undeclared ? ' undeclared' : ''}`,
        severity,
        proof: { exchanges: [exchange], marks: [value] },
        again: again(context, exchange, (shown) => {
          const same = personalIn(shown, context).find((one) => one.kind === kind && one.pointer === pointer);
          return same && [same.value];
        }),
      });
    }
  },
};

function personalIn(exchange: Exchange, context: CheckContext): Personal[] {
  const { answer, as } = exchange;
  if (typeof answer.json !== 'object' || answer.json === null) return [];
  const own = context.identities.find(({ name }) => name === as)?.own;
  const found = new Map<string, Personal>();
  const addresses = new Map<string, string>();
  let left = VALUES;
  const walk = (at: unknown, pointer: string, name: string, depth: number): void => {
    if (left-- <= 0 || depth > DEPTH) return;
    if (typeof at === 'string') {
      if (at.length < 5 || at.length > 200 || own?.has(at)) return;
      if (ADDRESS.test(at)) addresses.set(at.toLowerCase(), pointer);
      const kind = PERSONAL.find(({ looks, is }) => looks.test(at) && is(at, name))?.kind;
      if (kind && !sentBefore(exchange, at)) found.set(`${kind} ${pointer}`, { kind, pointer, value: at });
    } else if (Array.isArray(at)) for (const item of at.slice(0, 200)) walk(item, `${pointer}/*`, name, depth + 1);
    else if (typeof at === 'object' && at !== null)
      for (const [key, item] of Object.entries(at)) walk(item, `${pointer}/${key}`, key, depth + 1);
  };
  walk(answer.json, '', '', 0);
  // Of one's own object one IBAN is one's own; in a list there are others.
  const others = [...found.values()].filter(({ pointer }) => pointer.includes('/*'));
  if (addresses.size >= ADDRESSES) {
    const [value, pointer] = [...addresses][0] as [string, string];
    others.push({ kind: 'addresses of several people', pointer, value });
  }
  return others;
}
