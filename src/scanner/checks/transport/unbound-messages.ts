import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

/** Operations that are looked at for one that demands a credential. */
const LOOKED = 12;

/** What goes over the wire is protected by TLS alone. */
export const check: Check = {
  id: 'unbound-messages',
  group: 'transport',
  title: 'Tokens and answers are bound to nothing',
  practice: 'encrypt',
  cwe: 'CWE-345',
  owasp: 'API2:2023',
  severity: 'informational',
  why: 'A token that is stolen works from everywhere until it ends, and who breaks TLS, or sits where it ends, changes answers unseen.',
  mend: 'For the operations that matter most: bind tokens to keys (DPoP, RFC 9449; mutual TLS, RFC 8705) and sign messages (RFC 9421). Portcullis does both.',

  async run(context) {
    const sample = await guarded(context);
    if (!sample?.as) return context.skip('no operation that reads was seen to demand a token or key');
    const { call, as } = sample;
    const { operation } = call;
    const attempt = async (): Promise<Proof | undefined> => {
      const nobody = await context.request(context.render(call, null), { operation });
      if (context.outcome(nobody) === 'success') return undefined;
      // Another connection, another program by its looks: all that a thief would differ in.
      const plain = context.render(call, as);
      const headers = [
        ...plain.headers.filter(([name]) => name.toLowerCase() !== 'user-agent'),
        ['User-Agent', 'elsewhere/1.0'] as const,
      ];
      const shown = await context.request({ ...plain, headers }, { operation, as: as.name }, { fresh: true });
      if (context.outcome(shown) !== 'success') return undefined;
      const signed = ['signature', 'content-digest', 'repr-digest'].some((name) => shown.answer.headers.has(name));
      const proofed = plain.headers.some(([name]) => /^(?:dpop|signature)$/i.test(name));
      return signed || proofed ? undefined : { exchanges: [nobody, shown], marks: [] };
    };
    const proof = await attempt();
    if (!proof) return;
    await context.report({
      message: 'a captured credential works from another connection, and answers carry no digest or signature',
      operation,
      cause: 'bearer',
      proof,
      again: attempt,
    });
  },
};

/** A read that works with a token or key, and does not without. */
async function guarded(context: CheckContext): Promise<Sample | undefined> {
  const reads = context.operations.filter(({ method }) => method === 'GET');
  let looked = 0;
  for (const operation of reads) {
    const samples = context.samples(operation);
    const sample = samples.find(({ as }) => as?.secret !== undefined);
    if (!sample || samples.some(({ as }) => as === undefined) || looked++ >= LOOKED) continue;
    const nobody = await context.request(context.render(sample.call, null), { operation });
    if (context.outcome(nobody) === 'unauthenticated') return sample;
  }
  return undefined;
}
