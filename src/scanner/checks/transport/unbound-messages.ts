import type { Check } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

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
    const sample = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => context.samples(operation))
      .find(({ as }) => as?.secret !== undefined);
    if (!sample?.as) return context.skip('no token or key to try');
    const { call, as } = sample;
    const attempt = async (): Promise<Proof | undefined> => {
      // Another connection, another program by its looks: all that a thief would differ in.
      const plain = context.render(call, as);
      const headers = [
        ...plain.headers.filter(([name]) => name.toLowerCase() !== 'user-agent'),
        ['User-Agent', 'elsewhere/1.0'] as const,
      ];
      const shown = await context.request(
        { ...plain, headers },
        { operation: call.operation, as: as.name },
        { fresh: true },
      );
      if (context.outcome(shown) !== 'success') return undefined;
      const signed = ['signature', 'content-digest', 'repr-digest'].some((name) => shown.answer.headers.has(name));
      const proofed = plain.headers.some(([name]) => /^(?:dpop|signature)$/i.test(name));
      return signed || proofed ? undefined : { exchanges: [shown], marks: [] };
    };
    const proof = await attempt();
    if (!proof) return;
    await context.report({
      message: 'a captured credential works from another connection, and answers carry no digest or signature',
      operation: call.operation,
      cause: 'bearer',
      proof,
      again: attempt,
    });
  },
};
