import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { DETAILS, type Leak, TRACES } from './leaks.ts';
import { again, sentBefore, within } from './observed.ts';
import { readableOf } from './readable.ts';

const ALL = [...TRACES, ...DETAILS];
/** Answers with success that are searched for traces, of one operation. */
const SUCCESSES = 60;

/** Errors say how the API is built. */
export const check: Check = {
  id: 'error-details',
  group: 'answers',
  title: 'Errors give internals away',
  practice: 'necessary-only',
  cwe: 'CWE-209',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Stack traces, statements and paths tell an attacker which software runs, which versions, and how a query is put together: the map for the next attack.',
  mend: 'Answer errors with a short text of your own and log the rest. Portcullis replaces the bodies of 5xx answers (disclosure.errors).',

  observe(exchange, context) {
    const { answer, operation } = exchange;
    if (answer.status === 0 || answer.body.length === 0) return;
    const fine = answer.status < 400 && context.outcome(exchange) === 'success';
    // A trace in what claims to be fine is one too, if it was an attack that brought it out.
    if (
      fine &&
      (exchange.check === '' || !mayHoldTrace(answer.text) || !within(context, operation?.key ?? '', SUCCESSES))
    )
      return;
    const kinds = new Set<string>();
    for (const leak of fine ? TRACES : ALL) {
      if (kinds.has(leak.kind)) continue;
      const found = marksOf(context, exchange, leak);
      if (!found) continue;
      kinds.add(leak.kind);
      const confirm = again(context, exchange, (shown) => marksOf(context, shown, leak));
      void context.report({
        message: `an answer with ${answer.status} holds ${leak.kind}`,
        operation,
        cause: leak.kind,
        severity: leak.severity,
        proof: { exchanges: [exchange], marks: found },
        again: fine ? () => unlessAlways(context, exchange, leak, confirm) : confirm,
      });
    }
  },
};

/** A log, or a page on errors, holds traces by design: then a call that is nothing special brings them too. */
async function unlessAlways(
  context: CheckContext,
  { operation }: Exchange,
  leak: Leak,
  confirm: () => Promise<Proof | undefined>,
): Promise<Proof | undefined> {
  const sample = operation && (await context.sample(operation));
  if (!sample || operation.method !== 'GET') return undefined;
  const control = await context.send(sample.call, sample.as ?? null);
  if (marksOf(context, control, leak)) return undefined;
  const proof = await confirm();
  return proof && { ...proof, exchanges: [control, ...proof.exchanges] };
}

/** Looked at first: most answers hold nothing of the kind, and expressions over all of them cost. */
const mayHoldTrace = (text: string): boolean =>
  /:\d{1,7}\b|\bline \d|Traceback|#0 |DEBUG = True|Debugger|Exception/.test(text.slice(0, 64 * 1024));

function marksOf(context: CheckContext, exchange: Exchange, { kind, looks }: Leak): readonly string[] | undefined {
  if (exchange.answer.body.length === 0) return undefined;
  const found = looks.exec(readableOf(exchange.answer))?.[0].trim();
  if (found === undefined || sentBefore(exchange, found)) return undefined;
  // Routes of the API look like paths of a disk where they begin with `/app` or `/data`.
  if (kind === 'a path of the server' && isRoute(context, found)) return undefined;
  // A mark is literal: the longest line of it, up to where the answer may have written it in another way.
  const lines = found.split(/[\r\n]+/).map((line) => line.trim());
  const line = lines.reduce((longest, one) => (one.length > longest.length ? one : longest), '');
  return [(line.split(/[\\"<>&]/).sort((a, b) => b.length - a.length)[0] ?? line).trim().slice(0, 200)];
}

const isRoute = ({ operations, base }: CheckContext, path: string): boolean => {
  const first = `/${path.replace(/^file:\/\//, '').split('/')[1]}/`;
  return operations.some(({ template }) => template.startsWith(first)) || base.pathname.startsWith(first);
};
