import type { Operation } from '../../../../contract/model.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { readJwt } from '../../authentication/shared/jwt.ts';
import { isAdmin, mayCall } from './people.ts';

/** That an operation is not for an identity, and who says so. */
export interface Reserved {
  /** Continues "..., which ". */
  readonly says: string;
  /** The contract or the plan says it; else names do. */
  readonly sure: boolean;
}

const SEGMENT =
  /^(admin|admins|administration|administrator|internal|manage|management|manager|backoffice|back-office|staff-only|superuser|superadmin|super-admin|sysadmin|root|moderation|impersonate|sudo)$/i;
const SENTENCE =
  /(admin(istrator)?s? only|only (for |by )?(the )?admin|\(admin\)|\[admin\]|admin[- ]only|requires? (the )?admin|as an? admin(istrator)?\b|for administrators|staff only|only (for |by )?(the )?staff|internal use|superuser|privileged users?)/i;
const ORDINARY = /(admin|staff|manager|super|root|internal|moderator|operator|owner)/i;

/** Whether an operation is reserved for others than an identity; undefined where nobody says so, not even by a name. */
export function reservedFor(context: CheckContext, operation: Operation, as: Identity): Reserved | undefined {
  const may = mayCall(context, operation, as);
  if (may === true) return undefined;
  const roles = context.roles(operation);
  if (may === false) return { says: `is for ${listed(roles ?? [])} only`, sure: true };
  if (roles !== undefined && roles.length > 0 && as.registered === true && roles.every((role) => ORDINARY.test(role))) {
    return { says: `is for ${listed(roles)} only, and not for whoever registers`, sure: true };
  }
  const scopes = missingScopes(operation, as);
  if (scopes !== undefined)
    return { says: `demands the scope ${listed(scopes)}, which the token does not have`, sure: true };
  if (isAdmin(as) || roles !== undefined) return undefined;
  // Of an identity without a role nobody knows what it may; of one that the scan registered, that it is nobody special.
  if (as.role === undefined && as.registered !== true) return undefined;
  return looksReserved(operation) ? { says: 'is for administrators by its name', sure: false } : undefined;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.slice(0, 6).join(', '));

export function looksReserved({ template, tags, summary, operationId }: Operation): boolean {
  if (template.split('/').some((segment) => SEGMENT.test(segment))) return true;
  if (tags.some((tag) => SEGMENT.test(tag.trim()))) return true;
  return SENTENCE.test(summary ?? '') || /^(admin|internal)[A-Z_]/.test(operationId ?? '');
}

/** Scopes that every alternative of an operation demands and the token of an identity lacks. */
function missingScopes(operation: Operation, as: Identity): readonly string[] | undefined {
  const claims = readJwt(as.secret)?.claims;
  const said = claims?.['scope'] ?? claims?.['scp'] ?? claims?.['scopes'];
  const has = new Set(
    typeof said === 'string'
      ? said.split(/[ ,]+/)
      : Array.isArray(said)
        ? said.filter((one) => typeof one === 'string')
        : [],
  );
  if (has.size === 0 || operation.security === undefined || operation.security.length === 0) return undefined;
  let lacking: readonly string[] = [];
  for (const { schemes } of operation.security) {
    const wanted = schemes.flatMap(({ scheme, scopes }) =>
      scheme.type === 'oauth2' || scheme.type === 'openIdConnect' ? scopes : [],
    );
    const missing = wanted.filter((scope) => !has.has(scope));
    if (missing.length === 0) return undefined;
    lacking = missing;
  }
  return lacking.length > 0 ? lacking : undefined;
}
