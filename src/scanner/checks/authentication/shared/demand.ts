import type { Operation } from '../../../../contract/model.ts';
import type { CheckContext } from '../../../model/check.ts';

/** What the contract says: a credential is demanded, is not, or it says nothing. */
export function demandOf(operation: Operation): 'yes' | 'no' | 'unsaid' {
  if (operation.security === undefined) return 'unsaid';
  if (operation.security.length === 0 || operation.security.some(({ schemes }) => schemes.length === 0)) return 'no';
  return 'yes';
}

/** What is open everywhere, whatever a sloppy document-wide `security` says. */
const OPEN =
  /^(health(z|check)?|livez?|liveness|readyz?|readiness|ping|version|login|sign-?in|log-?out|sign-?out|register|sign-?up|registration|token|refresh(-?token)?|forgot.*|reset.*|recover.*|csrf.*|captcha|docs?|openapi.*|swagger.*|api-docs|jwks.*|robots\.txt|favicon\.ico)$/i;

/** Whether an operation is open by its nature: health, login, registration, documentation. */
export function openByNature(operation: Operation, context: CheckContext): boolean {
  const { login, register, logout } = context.known;
  if (login.includes(operation) || register.includes(operation) || logout.includes(operation)) return true;
  if (operation.template.includes('/.well-known/')) return true;
  const last = operation.template.split('/').findLast((segment) => segment !== '' && !segment.startsWith('{'));
  return last === undefined || OPEN.test(last);
}

export const isRead = (operation: Operation): boolean =>
  operation.method === 'GET' || operation.method === 'HEAD' || operation.method === 'QUERY';
