import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, isDeclared } from './observed.ts';

/** Identities that are asked whether they read the same. */
const OTHERS = 4;

/** Answers to somebody may be kept by caches and handed to others. */
export const check: Check = {
  id: 'cacheable-private',
  group: 'answers',
  title: 'Private answers may be kept by shared caches',
  practice: 'necessary-only',
  cwe: 'CWE-525',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A cache between the API and its users may store what was answered to one and hand it to the next (RFC 9111, section 3.5).',
  mend: 'Send Cache-Control: no-store with private answers. Portcullis does so where the contract demands a credential.',

  observe(exchange, context) {
    const { as, answer, operation } = exchange;
    if (as === undefined || answer.status !== 200 || operation?.method !== 'GET' || !isDeclared(exchange)) return;
    // What anyone may read is nobody's secret.
    if (context.samples(operation).some((sample) => sample.as === undefined)) return;
    const found = shared(exchange);
    if (!found || context.outcome(exchange) !== 'success') return;
    const confirm = again(context, exchange, shared);
    void context.report({
      message: `an answer to ${as} says ${found[0]}`,
      operation,
      cause: 'public',
      proof: { exchanges: [exchange], marks: found },
      again: async () => ((await isPrivate(context, exchange)) ? await confirm() : undefined),
    });
  },
};

/** The words that let a shared cache keep it, and hand it to somebody else; undefined where it may not. */
function shared({ answer, request }: Exchange): readonly string[] | undefined {
  const said = answer.headers.get('cache-control');
  if (said === undefined) return undefined;
  const words = said.toLowerCase().split(/\s{0,8},\s{0,8}/);
  if (words.some((word) => word === 'no-store' || word === 'private' || word.startsWith('no-cache'))) return undefined;
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()));
  // A cache that keeps an answer for each credential keeps it for nobody else.
  const vary = (answer.headers.get('vary') ?? '').toLowerCase().split(/[\s,]+/);
  if (
    vary.includes('*') ||
    vary.some((name) => /^(?:authorization|cookie)$|token|key|session|auth/.test(name) && names.has(name))
  )
    return undefined;
  // Without Authorization in the request nothing but a time is needed (section 3): cookies and keys do not count.
  const open = words.find(
    (word) =>
      word === 'public' ||
      /^s-maxage="?0*[1-9]/.test(word) ||
      (!names.has('authorization') && /^max-age="?0*[1-9]/.test(word)),
  );
  const never = words.some((word) => /^(?:s-maxage|max-age)="?0+"?$/.test(word)) && words.includes('must-revalidate');
  return open === undefined || never ? undefined : [said];
}

/** Whether it is somebody's own: no credential brings nothing, and another one something else, or nothing. */
async function isPrivate(context: CheckContext, exchange: Exchange): Promise<boolean> {
  const { operation, as } = exchange;
  const identity = context.identities.find(({ name }) => name === as);
  if (!operation || !identity) return false;
  const sample = context.samples(operation).find((one) => one.as?.name === as);
  const call = sample?.call;
  if (!call) return false;
  const target = (one: typeof identity | null) => context.render(call, one);
  const mine = await context.request(target(identity), { operation, as });
  if (context.outcome(mine) !== 'success') return false;
  const nobody = await context.request(target(null), { operation });
  if (context.outcome(nobody) === 'success' && same(nobody, mine)) return false;
  // A catalogue, that all who may call read alike, is nobody's own: unless it names the caller.
  for (const other of context.identities.filter(({ name }) => name !== as).slice(0, OTHERS)) {
    const theirs = await context.request(target(other), { operation, as: other.name });
    if (context.outcome(theirs) !== 'success' || !same(theirs, mine)) return true;
  }
  return ownIn(identity.own, mine);
}

const same = (a: Exchange, b: Exchange): boolean => Buffer.compare(a.answer.body, b.answer.body) === 0;

/** Whether the answer holds something that is the caller's own, longer than a small number. */
const ownIn = (own: ReadonlySet<string>, { answer }: Exchange): boolean =>
  [...own].some((value) => value.length >= 4 && answer.text.includes(value));
