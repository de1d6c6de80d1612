import type { Operation, SecurityScheme } from '../contract/model.ts';
import type { Finding } from '../shared/finding.ts';
import { canBeBound, type Demands, takesTokens } from './demands.ts';
import { takesOpaque } from './issuers/settings.ts';
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
      'add an alternative with apiKey, http basic, http bearer, http dpop, http signature, oauth2, openIdConnect or mutualTLS, or set access: key',
    );
  for (const scheme of demands.unsupported)
    add(
      'scheme-unsupported',
      'warning',
      `the security scheme ${scheme.name} (${scheme.type}${scheme.scheme === undefined ? '' : ` ${scheme.scheme}`}) cannot be checked: alternatives that need it never match`,
      'use apiKey, http basic, http bearer, http dpop, http signature, oauth2, openIdConnect or mutualTLS',
      scheme,
    );
  const { binding } = settings;
  if (binding !== 'optional' && demands.closed === undefined && !canBeBound(demands, binding))
    add(
      'binding-unmet',
      'warning',
      `binding: ${binding} is asked for, but nothing this operation takes can be bound to its holder: whoever sends a credential is refused`,
      'let it take tokens (oauth2, http bearer) or client certificates (mutualTLS), or take the binding away',
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
  const mutual = [...schemes].find((one) => one.type === 'mutualTLS');
  if (mutual !== undefined && settings.certificates.length === 0)
    add(
      'no-certificate-rule',
      'warning',
      `the security scheme ${mutual.name} (mutualTLS) asks for client certificates, but no rule says whose they are: none is accepted`,
      'say who calls with which certificate: authentication: { certificates: [{ dns, roles }] }, and encryption: { clients: { ca } }',
      mutual,
    );
  const token = [...schemes].find((one) => one.type === 'oauth2' || one.type === 'openIdConnect');
  if (token !== undefined && settings.issuers.length === 0 && takesTokens(demands))
    add(
      'no-issuer',
      'warning',
      `the security scheme ${token.name} (${token.type}) asks for tokens, but no issuer is configured: only Portcullis keys are accepted as bearer tokens`,
      'name whose tokens are good: authentication: { issuers: [{ issuer: https://login.example.com, audience: my-api }] }',
      token,
    );
  const shown = settings.issuers.filter((one) => takesOpaque(one) && one.introspection?.match === undefined);
  if (shown.length > 1 && takesTokens(demands))
    findings.push({
      rule: 'authentication/token-shown-to-others',
      severity: 'weakness',
      message: `${shown.length} issuers are asked in turn about the same opaque tokens, so that each is shown tokens of the others`,
      mend: 'say by a pattern which tokens are whose: introspection: { match: ^tok_ }',
    });
  return findings;
}
