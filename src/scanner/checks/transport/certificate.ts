import type { Check, CheckContext } from '../../model/check.ts';
import { type Handshake, isLocal, shakeHands } from './handshake.ts';

const DAY = 86_400_000;
/** Days before the end at which somebody should know. */
const SOON = 14;

/** The certificate is not one that a client should trust. */
export const check: Check = {
  id: 'certificate',
  group: 'transport',
  title: 'The certificate is at fault',
  practice: 'encrypt',
  cwe: 'CWE-295',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'Clients that accept this certificate accept that of an attacker too.',
  mend: 'Use a certificate of a known authority, for this name, with a strong key, renewed in time. Portcullis takes new ones without a restart.',

  async run(context) {
    const handshake = await shakeHands(context);
    if (!handshake) {
      return context.base.protocol === 'https:'
        ? context.skip('no TLS connection was made')
        : context.skip('the API was named without TLS');
    }
    for (const fault of faultsOf(context, handshake)) {
      await context.report({
        message: fault,
        cause: fault.replace(/\d+/g, '#'),
        // On this machine a certificate made by oneself is the custom.
        severity: isLocal(context) ? 'informational' : 'high',
        proof: { exchanges: [], marks: [] },
        again: async () => ({ exchanges: [], marks: [] }),
      });
    }
  },
};

function faultsOf(_context: CheckContext, { certificate, fault }: Handshake): string[] {
  const faults: string[] = [];
  const left = (Date.parse(certificate.valid_to) - Date.now()) / DAY;
  if (left < 0) faults.push('the certificate has expired');
  else if (left < SOON) faults.push(`the certificate ends in ${Math.floor(left)} days`);
  if (fault !== undefined) faults.push(`the certificate is not trusted: ${fault}`);
  const { bits, asn1Curve } = certificate;
  if (bits !== undefined && asn1Curve === undefined && bits < 2048)
    faults.push(`the key of the certificate has ${bits} bits`);
  return faults;
}
