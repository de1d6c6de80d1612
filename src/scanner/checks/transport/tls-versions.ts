import type { HandshakeOptions } from '../../http/handshake.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

interface Weak {
  readonly name: string;
  readonly severity: Severity;
  readonly offer: HandshakeOptions;
}

/** What should not be agreed on. */
const WEAK: readonly Weak[] = [
  { name: 'TLS 1.0', severity: 'medium', offer: { minVersion: 'TLSv1', maxVersion: 'TLSv1' } },
  { name: 'TLS 1.1', severity: 'medium', offer: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } },
  ...(
    [
      ['ciphers without encryption', 'high', 'eNULL'],
      ['ciphers without authentication', 'high', 'aNULL'],
      ['3DES, RC4, DES or export ciphers', 'medium', '3DES:RC4:DES:EXPORT'],
      ['ciphers without forward secrecy', 'low', 'kRSA'],
    ] as const
  ).map(([name, severity, ciphers]) => ({
    name,
    severity,
    offer: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers } as const,
  })),
];

/** Old versions and weak ciphers are agreed on. */
export const check: Check = {
  id: 'tls-versions',
  group: 'transport',
  title: 'Old TLS versions or weak ciphers are accepted',
  practice: 'encrypt',
  cwe: 'CWE-327',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Who sits in between makes both sides agree on the weakest they have in common, and reads on (RFC 8996).',
  mend: 'Offer TLS 1.2 and 1.3 only, with AEAD ciphers and forward secrecy. Portcullis offers nothing else.',

  async run(context) {
    if (context.base.protocol !== 'https:') return context.skip('the API was named without TLS');
    for (const weak of WEAK) await offer(context, weak);
  },
};

async function offer(context: CheckContext, { name, severity, offer: terms }: Weak): Promise<void> {
  const agreed = async (): Promise<{ protocol: string; cipher: string } | undefined> => {
    const shaken = await context.handshake(terms);
    if ('facts' in shaken) return { protocol: shaken.facts.protocol, cipher: shaken.facts.cipher.name };
    if (shaken.failure === 'own')
      context.skip(`${name} cannot be offered: the TLS library of this machine has it no more`);
    if (shaken.failure === 'refused' || shaken.failure === 'timeout')
      context.skip(`${name}: no TLS connection was made`);
    return undefined;
  };
  const found = await agreed();
  if (!found) return;
  await context.report({
    message: `${name}: ${found.protocol} with ${found.cipher} was agreed on`,
    place: name,
    cause: name,
    severity,
    proof: NONE,
    again: async () => ((await agreed()) ? NONE : undefined),
  });
}

/** Nothing is sent over such a connection: what was agreed on stands in the message. */
const NONE: Proof = { exchanges: [], marks: [] };
