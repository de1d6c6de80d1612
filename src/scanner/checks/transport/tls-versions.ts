import type { SecureVersion } from 'node:tls';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Severity } from '../../model/finding.ts';
import { shakeHands } from './handshake.ts';

/** What should not be agreed on. Old versions need the weakest level of the library to be offered at all. */
const WEAK: readonly {
  readonly name: string;
  readonly severity: Severity;
  readonly version: SecureVersion;
  readonly ciphers: string;
}[] = [
  { name: 'TLS 1.0', severity: 'medium', version: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
  { name: 'TLS 1.1', severity: 'medium', version: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
  { name: 'ciphers without encryption', severity: 'high', version: 'TLSv1.2', ciphers: 'eNULL:@SECLEVEL=0' },
  { name: 'ciphers without authentication', severity: 'high', version: 'TLSv1.2', ciphers: 'aNULL:@SECLEVEL=0' },
  {
    name: '3DES, RC4, DES or export ciphers',
    severity: 'medium',
    version: 'TLSv1.2',
    ciphers: '3DES:RC4:DES:EXPORT:@SECLEVEL=0',
  },
  { name: 'ciphers without forward secrecy', severity: 'low', version: 'TLSv1.2', ciphers: 'kRSA:@SECLEVEL=0' },
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

async function offer(
  context: CheckContext,
  { name, severity, version, ciphers }: (typeof WEAK)[number],
): Promise<void> {
  const agreed = async () => {
    try {
      return await shakeHands(context, { version, ciphers });
    } catch {
      // The library of this machine does not have these ciphers any more, and cannot offer them.
      context.skip(`${name} cannot be offered from this machine`);
      return undefined;
    }
  };
  const found = await agreed();
  if (!found) return;
  await context.report({
    message: `${name}: ${found.protocol} with ${found.cipher} was agreed on`,
    place: name,
    cause: name,
    severity,
    proof: { exchanges: [], marks: [] },
    again: async () => ((await agreed()) ? { exchanges: [], marks: [] } : undefined),
  });
}
