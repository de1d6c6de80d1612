import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { elsewhere } from './paths.ts';

/** Spellings of a read that a check of `GET` may not see. */
const SPELLINGS = ['HEAD', 'get', 'Get'];
/** Identities that are refused and try it, beside nobody. */
const OTHERS = 2;

/** HEAD, or a method in lower case, is served where GET is refused. */
export const check: Check = {
  id: 'head-past-checks',
  group: 'methods',
  title: 'HEAD or lower case goes past the checks of GET',
  practice: 'authorize',
  cwe: 'CWE-288',
  owasp: 'API5:2023',
  severity: 'high',
  why: 'Checks that are bound to the exact method GET do not run for HEAD or `get`. What comes back (length, ETag, headers, or the body itself) was meant for others.',
  mend: 'Bind the checks to the operation. Methods are case sensitive (RFC 9110, section 9.1): refuse other spellings. Portcullis judges HEAD as the GET it stands for.',

  async run(context) {
    const reads = context.operations.filter(({ method }) => method === 'GET');
    await context.each(reads, async (operation) => {
      const samples = context.samples(operation);
      const sample = samples[0];
      // What anyone may read needs no way around.
      if (!sample || samples.some(({ as }) => as === undefined)) return;
      const can = new Set(samples.map(({ as }) => as?.name));
      const others = context.identities.filter(({ name }) => !can.has(name));
      for (const as of [null, ...others.slice(0, OTHERS)]) {
        if (await tryAs(context, operation, sample.call, as)) return;
      }
    });
  },
};

/** @returns whether a way around was found: one is enough */
async function tryAs(context: CheckContext, operation: Operation, call: Call, as: Identity | null): Promise<boolean> {
  const request = context.render(call, as);
  const origin = { operation, as: as?.name };
  // Asked once for all spellings: most operations refuse all of them.
  const refused = await context.request(request, origin);
  if (!isRefused(context, refused)) return false;
  let found = false;
  for (const method of SPELLINGS) {
    // A HEAD has no body from which a refusal with 200 could be told: only where refusals say so by their status.
    if (method === 'HEAD' && refused.answer.status < 400) continue;
    const attempt = async (): Promise<(Proof & { readonly severity: Severity }) | undefined> => {
      const shown = await context.request({ ...request, method }, origin);
      if (context.outcome(shown) !== 'success' || shown.answer.status > 299) return undefined;
      // Who answers it to everything alike, and where there is nothing, has given nothing away.
      const nowhere = elsewhere({ ...request, method }, context.random(`${operation.key} ${method}`));
      const control = await context.request(nowhere, { as: as?.name });
      if (context.outcome(control) === 'success' && likely(control) === likely(shown)) return undefined;
      const get = await context.request(request, origin);
      if (!isRefused(context, get)) return undefined;
      const severity = shown.answer.body.length > 0 || told(shown) ? 'high' : 'low';
      return { exchanges: [get, shown], marks: [method], severity };
    };
    const proof = await attempt();
    if (!proof) continue;
    found = true;
    await context.report({
      message: `${method} ${operation.template} is answered ${as ? `to ${as.name}` : 'without a credential'}, though GET is refused`,
      operation,
      place: `method ${method}`,
      cause: `${method} ${as ? 'role' : 'credential'}`,
      severity: proof.severity,
      proof,
      again: attempt,
    });
  }
  return found;
}

const isRefused = (context: CheckContext, exchange: Exchange): boolean =>
  ['unauthenticated', 'forbidden'].includes(context.outcome(exchange));

/** Headers that tell something of what would have been answered. */
const told = ({ answer: { headers } }: Exchange): boolean =>
  Number(headers.get('content-length') ?? 0) > 0 || headers.has('etag') || headers.has('last-modified');

const likely = ({ answer }: Exchange): string =>
  `${answer.status} ${answer.mediaType} ${answer.headers.get('content-length')} ${answer.body.length}`;
