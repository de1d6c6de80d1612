import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { type JsonCall, jsonCalls, serves, withBody } from './bodies.ts';

const TRIED = 3;
/** Kinds of bodies that cost more than they weigh, a hundred kilobytes each. */
const COSTLY: readonly { readonly name: string; body(): string }[] = [
  { name: 'deeply nested arrays', body: () => `${'['.repeat(50_000)}${']'.repeat(50_000)}` },
  { name: 'deeply nested objects', body: () => `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` },
  { name: 'a number of 100,000 digits', body: () => `{"n":${'9'.repeat(100_000)}}` },
  { name: '20,000 properties', body: () => `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":0`).join(',')}}` },
];

/** A small body that costs much brings the server down. */
export const check: Check = {
  id: 'deep-body',
  group: 'floods',
  title: 'Small, costly bodies bring errors or silence',
  practice: 'throttle',
  cwe: 'CWE-674',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'Nesting overflows stacks and long numbers cost quadratic time: a hundred kilobytes stop a process.',
  mend: 'Cap depth, properties and digits while parsing. Portcullis does (limits.depth and its neighbours).',

  async run(context) {
    for (const json of jsonCalls(context, TRIED)) {
      for (const { name, body } of COSTLY) {
        const text = body();
        const proof = await attempt(context, json, text);
        if (!proof) continue;
        const { status, failure } = (proof.exchanges.at(-1) as Proof['exchanges'][number]).answer;
        await context.report({
          message: `${name} (${Math.round(text.length / 1024)} KB) are answered with ${status || failure}`,
          operation: json.operation,
          place: 'body',
          cause: name,
          proof,
          again: () => attempt(context, json, text),
        });
      }
    }
  },
};

async function attempt(context: CheckContext, json: JsonCall, body: string): Promise<Proof | undefined> {
  const origin = { operation: json.operation, as: json.as?.name };
  // Who answers every bad body with 500 has another weakness, which another check tells.
  const control = await context.request(withBody(context, json, '[[1],{"a":2}]'), origin);
  if (control.answer.status >= 500 || control.answer.status === 0) return undefined;
  const shown = await context.request(withBody(context, json, body), origin, { fresh: true });
  const { status, failure } = shown.answer;
  const broke = (status >= 500 && status !== 501) || failure === 'timeout' || failure === 'reset';
  if (!broke) return undefined;
  // A connection that is closed on a bad body, while the server goes on, is a refusal.
  if (failure === 'reset' && (await serves(context))) return undefined;
  return { exchanges: [control, shown], marks: [] };
}
