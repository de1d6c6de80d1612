import type { Operation, SecurityScheme } from '../../../../contract/model.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Identity } from '../../../model/identity.ts';
import { isRead } from '../../authentication/shared/demand.ts';
import { readJwt } from '../../authentication/shared/jwt.ts';
import { isAdmin, isStaff, mayCall } from './people.ts';
import { saidRoles } from './said-roles.ts';

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
/** Roles that look and change nothing. */
const ONLOOKER = /^(viewer|reader|guest|observer|spectator|visitor|read-?_?only)$/i;
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
  const side = sideOf(context, operation, as);
  if (side === 'within') return undefined;
  if (isAdmin(as) || roles !== undefined) return undefined;
  if (side !== undefined && as.role !== undefined && !isStaff(as, context))
    return { says: `demands ${side}, and not the kind of credential that it was given`, sure: true };
  const said =
    as.role === undefined ? undefined : saidRoles([operation.summary, operation.description], rolesOfScan(context));
  if (said !== undefined && as.role !== undefined) {
    if (said.roles.has(as.role.toLowerCase())) return undefined;
    // That editors may write says nothing of a manager, but something of who is there to look on.
    if (!said.only && (isRead(operation) || !ONLOOKER.test(as.role))) return undefined;
    return { says: `is for ${listed([...said.roles])} by its description ("${said.words}")`, sure: true };
  }
  // Of an identity without a role nobody knows what it may; of one that the scan registered, that it is nobody special.
  if (as.role === undefined && as.registered !== true) return undefined;
  if (isStaff(as, context) && isForStaff(operation)) return undefined;
  return looksReserved(operation) ? { says: 'is for administrators by its name', sure: false } : undefined;
}

const rolesOfScan = (context: CheckContext): ReadonlySet<string> =>
  new Set(context.identities.flatMap(({ role }) => (role === undefined ? [] : [role.toLowerCase()])));

/** Whether a credential of a kind can be one of a scheme. */
function fits(kind: Identity['kind'], { type, scheme }: SecurityScheme): boolean {
  const isBasic = type === 'http' && scheme === 'basic';
  if (kind === 'basic') return isBasic;
  if (kind === 'key') return type === 'apiKey';
  return !isBasic;
}

/**
 * On which side of an operation's schemes an identity stands, where they divide the identities: the back office by Basic,
 * customers by key.
 * @returns `within` where it has what is demanded; the names of the schemes where others have it and it has not;
 *   undefined where the schemes divide nobody
 */
function sideOf(context: CheckContext, { security }: Operation, as: Identity): string | undefined {
  if (security === undefined || security.length === 0 || security.some(({ schemes }) => schemes.length === 0))
    return undefined;
  const has = (one: Identity): boolean =>
    security.some(({ schemes }) => schemes.every(({ scheme }) => fits(one.kind, scheme)));
  const within = context.identities.filter(has);
  if (within.length === 0 || within.length === context.identities.length) return undefined;
  if (within.includes(as)) return 'within';
  // That staff get through where customers do is no weakness.
  if (!within.every((one) => isStaff(one, context))) return undefined;
  return listed([...new Set(security.flatMap(({ schemes }) => schemes.map(({ scheme }) => scheme.name)))]);
}

/** Named after the people who work there, not after administrators. */
const isForStaff = ({ template, tags }: Operation): boolean =>
  ![...template.split('/'), ...tags].some((segment) => /admin|super|root|sudo|impersonate/i.test(segment));

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
