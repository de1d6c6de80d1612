import type { Operation, SecurityScheme } from '../contract/model.ts';
import type { Finding } from '../shared/finding.ts';
import { type Demands, takesTokens } from './demands.ts';
import type { AuthenticationSettings } from './settings.ts';

/** What a person should know about the security of one operation. */
export function findingsOf(settings: AuthenticationSettings, operation: Operation, demands: Demands): Finding[] {
  const findings: Finding[] = [];
  const add = (rule: string, severity: Finding['severity'], message: string, mend: string, scheme?: SecurityScheme) =>
    findings.push({
      rule: `authentication/${rule}`,
      severity,
      message,
      mend,
      place: scheme?.place ?? operation.place,
      operation: operation.key,
    });

  if (demands.closed === 'silent')
    add(
      'operation-closed',
      'warning',
      'the contract says nothing about security for this operation, so it is closed to everyone',
      'give it a security requirement in the contract (`security: []` where anyone may call), or set access: key or public for it',
    );
  if (demands.closed === 'unsatisfiable')
    add(
      'operation-closed',
      'warning',
      'no security requirement of this operation can be satisfied here, so it is closed to everyone',
      'add an alternative with apiKey, http basic, http bearer, oauth2 or openIdConnect, or set access: key',
    );
  for (const scheme of demands.unsupported)
    add(
      'scheme-unsupported',
      'warning',
      `the security scheme ${scheme.name} (${scheme.type}${scheme.scheme === undefined ? '' : ` ${scheme.scheme}`}) cannot be checked: alternatives that need it never match`,
      'use apiKey, http basic, http bearer, oauth2 or openIdConnect',
      scheme,
    );
  if (settings.access !== 'contract') return findings;

  const schemes = new Set((operation.security ?? []).flatMap((one) => one.schemes.map(({ scheme }) => scheme)));
  for (const scheme of schemes) {
    if (scheme.type === 'apiKey' && scheme.in === 'query')
      add(
        'credential-in-query',
        'warning',
        `the security scheme ${scheme.name} sends the key in the query, where it ends up in histories, logs and Referer headers`,
        'send it in a header: type: apiKey, in: header, name: X-API-Key',
        scheme,
      );
  }
  const token = [...schemes].find((one) => one.type === 'oauth2' || one.type === 'openIdConnect');
  if (token !== undefined && settings.issuers.length === 0 && takesTokens(demands))
    add(
      'no-issuer',
      'warning',
      `the security scheme ${token.name} (${token.type}) asks for tokens, but no issuer is configured: only Portcullis keys are accepted as bearer tokens`,
      'name whose tokens are good: authentication: { issuers: [{ issuer, jwks, audience }] }',
      token,
    );
  return findings;
}
