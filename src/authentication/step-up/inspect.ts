import type { Operation } from '../../contract/model.ts';
import { ACR } from '../../identity/server/factor.ts';
import type { Finding } from '../../shared/finding.ts';
import type { StepUpSettings } from './settings.ts';

const finding = (
  operation: Operation,
  rule: string,
  severity: Finding['severity'],
  message: string,
  mend: string,
): Finding => ({
  rule: `authentication/${rule}`,
  severity,
  message,
  mend,
  place: operation.place,
  operation: operation.key,
});

/**
 * Where a step-up is demanded that nobody is asked for, or that nobody can make.
 * @param tokens whether the operation takes tokens at all
 */
export function inspectStepUp(
  { stepUp, access }: { readonly stepUp: StepUpSettings; readonly access: string },
  operation: Operation,
  tokens: boolean,
): Finding[] {
  if (stepUp === 'none') return [];
  if (access === 'none')
    return [
      finding(
        operation,
        'step-up-without-authentication',
        'error',
        'a step-up is demanded of an operation whose authentication is switched off: nobody would be asked',
        'take `authentication: none` away for it, or its step-up: stepUp: none',
      ),
    ];
  if (tokens) return [];
  return [
    finding(
      operation,
      'step-up-unsatisfiable',
      'warning',
      'a step-up is demanded, but the operation takes no tokens: keys, passwords and certificates never satisfy it, so it is closed to everyone',
      'give it a security requirement with http bearer, oauth2 or openIdConnect, or take its stepUp away',
    ),
  ];
}

/** An operation, and what is in force for it. */
interface Planned {
  readonly operation: Operation;
  readonly policies: { readonly authentication: { readonly settings: object } };
}

/**
 * The same for what depends on who issues tokens at all.
 * @param own whether the embedded authorization server is on
 */
export function inspectStepUpIssuers(own: boolean, planned: Iterable<Planned>): Finding[] {
  if (own) return [];
  const findings: Finding[] = [];
  for (const { operation, policies } of planned) {
    const { stepUp, issuers } = policies.authentication.settings as {
      stepUp: StepUpSettings;
      issuers: readonly unknown[];
    };
    if (stepUp === 'none') continue;
    const wanted = stepUp.acr ?? [];
    if (issuers.length === 0)
      findings.push(
        finding(
          operation,
          'step-up-unsatisfiable',
          'warning',
          'a step-up is demanded, but no issuer is configured whose tokens could say how somebody signed in: the operation is closed to everyone',
          'switch the embedded authorization server on (identity: { server: { enabled: true } }), or name an issuer',
        ),
      );
    else if (wanted.length > 0 && wanted.every(isOwn))
      findings.push(
        finding(
          operation,
          'step-up-acr-unknown',
          'warning',
          `only the embedded authorization server gives the acr ${wanted.join(' or ')}, and it is off`,
          'name the acr that your issuer gives, or map its claim: issuers: [{ claims: { acr: ... } }]',
        ),
      );
  }
  return findings;
}

/** Others may give `phr`, too: it is a name of OpenID's. */
const isOwn = (acr: string): boolean => acr !== 'phr' && (ACR as readonly string[]).includes(acr);
