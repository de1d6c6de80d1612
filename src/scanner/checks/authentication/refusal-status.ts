import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { demandOf, openByNature } from './shared/demand.ts';
import { tryChanged } from './shared/requests.ts';

interface Fault {
  readonly cause: string;
  readonly severity: Severity;
  readonly says: string;
  readonly marks: readonly string[];
}

/** How the want of a credential is answered: RFC 9110 sections 15.5.2 and 11.6.1. */
export const check: Check = {
  id: 'refusal-status',
  group: 'authentication',
  title: 'Refuses a missing credential in the wrong way',
  practice: 'authenticate',
  cwe: 'CWE-703',
  owasp: 'API2:2023',
  severity: 'informational',
  why: 'Clients, gateways and monitors tell a missing credential by 401 and the WWW-Authenticate header. Where that is not so, tokens are not renewed, attacks are not counted, and a crash passes for a refusal.',
  mend: 'Answer 401 with WWW-Authenticate where the credential is missing or wrong, 403 where it does not suffice. Portcullis answers so for every operation.',

  async run(context) {
    await context.each(context.operations, async (operation) => {
      if (demandOf(operation) !== 'yes' || openByNature(operation, context)) return;
      const as = context.identities.find(({ name }) =>
        context.samples(operation).some((sample) => sample.as?.name === name),
      );
      if (as === undefined) return;
      const attempt = async (): Promise<{ readonly proof: Proof; readonly fault: Fault } | undefined> => {
        const tried = await tryChanged(context, operation, as, (call) => context.render(call, null));
        const fault = tried && faultOf(tried.exchange);
        return fault && { fault, proof: { exchanges: [tried.exchange], marks: fault.marks } };
      };
      const first = await attempt();
      if (first === undefined) return;
      const { fault } = first;
      await context.report({
        message: `${operation.key} without a credential: ${fault.says}`,
        operation,
        cause: fault.cause,
        severity: fault.severity,
        proof: first.proof,
        again: async () => {
          const second = await attempt();
          return second?.fault.cause === fault.cause ? second.proof : undefined;
        },
      });
    });
  },
};

function faultOf({ answer }: Exchange): Fault | undefined {
  const { status } = answer;
  if (status === 401) {
    return answer.headers.has('www-authenticate')
      ? undefined
      : {
          cause: 'no WWW-Authenticate',
          severity: 'informational',
          says: '401 without WWW-Authenticate',
          marks: ['401'],
        };
  }
  if (status >= 500) {
    return {
      cause: 'fails without a credential',
      severity: 'low',
      says: `${status}, a fault of the server`,
      marks: [String(status)],
    };
  }
  if (status === 400 || status === 422 || status === 406) {
    return {
      cause: `answers ${status}`,
      severity: 'informational',
      says: `${status} in place of 401`,
      marks: [String(status)],
    };
  }
  return undefined;
}
