import { isLoopback } from '../../http/dial.ts';
import type { TlsFacts } from '../../http/tls-facts.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

const DAY = 86_400_000;
/** Days before the end at which somebody should know. */
const SOON = 14;
/** Bits that a key must have: RSA, and curves. */
const RSA = 2048;
const CURVE = 224;

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
    if (context.base.protocol !== 'https:') return context.skip('the API was named without TLS');
    const facts = await seen(context);
    if (!facts) return context.skip('no TLS connection was made');
    for (const { what, severity } of faultsOf(context, facts)) {
      await context.report({
        message: `${what} (${identityOf(facts)})`,
        place: 'certificate',
        cause: what.replace(/\d+/g, '#'),
        // On this machine a certificate made by oneself is the custom.
        severity: isLoopback(context.base) ? 'informational' : severity,
        proof: await proofOf(context),
        again: async () => {
          const now = await seen(context);
          return now && faultsOf(context, now).some((fault) => fault.what === what)
            ? await proofOf(context)
            : undefined;
        },
      });
    }
  },
};

/** What a handshake shows; undefined where there is none. */
async function seen(context: CheckContext): Promise<TlsFacts | undefined> {
  const shaken = await context.handshake({});
  return 'facts' in shaken ? shaken.facts : undefined;
}

/** A request over it: what a client that trusts it would send. */
async function proofOf(context: CheckContext): Promise<Proof> {
  const exchange = await context.request(
    { method: 'HEAD', target: context.base.pathname, headers: [] },
    {},
    { fresh: true },
  );
  return { exchanges: [exchange], marks: [] };
}

function identityOf({ certificate }: TlsFacts): string {
  if (!certificate) return 'none was shown';
  const { subject, issuer, names, notAfter } = certificate;
  const until = Number.isFinite(notAfter) ? new Date(notAfter).toISOString().slice(0, 10) : 'unknown';
  return `subject ${subject.slice(0, 100)}, for ${names.slice(0, 5).join(' ').slice(0, 200) || 'no name'}, issued by ${issuer.slice(0, 100)}, until ${until}`;
}

/** Why OpenSSL would not trust it, in words of a person. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is its own issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'the issuer is its own, and unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer is unknown, or its certificate is not sent',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer is unknown, or its certificate is not sent',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer is unknown, or its certificate is not sent',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_HAS_EXPIRED: 'the certificate has expired',
};

function faultsOf(
  { base }: CheckContext,
  { certificate, authorizationError }: TlsFacts,
): { what: string; severity: Severity }[] {
  const faults: { what: string; severity: Severity }[] = [];
  if (authorizationError !== undefined) {
    const why = REASONS[authorizationError] ?? `the certificate is not trusted: ${authorizationError}`;
    faults.push({ what: why, severity: 'high' });
  }
  if (!certificate) return faults;
  const left = (certificate.notAfter - Date.now()) / DAY;
  if (left >= 0 && left < SOON)
    faults.push({ what: `the certificate of ${base.hostname} ends in ${Math.floor(left)} days`, severity: 'medium' });
  const { bits, curve } = certificate;
  if (bits !== undefined && bits < (curve === undefined ? RSA : CURVE))
    faults.push({ what: `the key of the certificate has ${bits} bits`, severity: 'high' });
  return faults;
}
