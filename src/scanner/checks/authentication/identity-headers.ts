import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike, isRefused } from './shared/answers.ts';
import { type Probe, probesOf } from './shared/probes.ts';
import { withHeaders } from './shared/requests.ts';

type Header = readonly [name: string, value: string];

/** Headers by which gates and proxies tell an API who calls. */
const USER_HEADERS =
  'X-User-Id X-User X-Username X-User-Name X-User-Email X-UserId X-Auth-User X-Authenticated-User X-Authenticated-UserId X-Forwarded-User X-Forwarded-Email X-Forwarded-Preferred-Username X-Remote-User Remote-User X-WebAuth-User X-Portcullis-Principal X-Consumer-Username X-Consumer-Custom-Id X-Credential-Identifier X-Account-Id X-Customer-Id X-Client-Id X-Subject X-Sub X-Principal X-Auth-Request-User X-Auth-Request-Email X-Goog-Authenticated-User-Email X-Amzn-Oidc-Identity X-MS-Client-Principal-Name X-MS-Client-Principal-Id Cf-Access-Authenticated-User-Email Tailscale-User-Login X-Impersonate-User X-On-Behalf-Of X-Act-As X-Session-User X-Current-User X-Login'.split(
    ' ',
  );
const ROLE_HEADERS =
  'X-Role X-Roles X-User-Role X-User-Roles X-Portcullis-Roles X-Auth-Role X-Auth-Roles X-Forwarded-Groups X-Auth-Request-Groups X-Groups X-Consumer-Groups X-Permissions X-Scopes X-Scope'.split(
    ' ',
  );
const FLAGS =
  'X-Admin X-Is-Admin X-Internal X-Internal-Request X-Authenticated X-Is-Authenticated X-Trusted X-Debug X-Bypass-Auth X-Skip-Auth'.split(
    ' ',
  );
const NEAR =
  'X-Forwarded-For X-Real-IP X-Client-IP X-Originating-IP X-Remote-IP X-Remote-Addr True-Client-IP CF-Connecting-IP X-Cluster-Client-IP'.split(
    ' ',
  );

const PROBES = 3;
const VALUES = 4;
/** Operations that refuse an identity, on which headers that raise it are tried. */
const RAISED = 4;

/** Headers that only a gate may set, believed from anyone. */
export const check: Check = {
  id: 'identity-headers',
  group: 'authentication',
  title: 'Believes identity headers from anyone',
  practice: 'authenticate',
  cwe: 'CWE-290',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The API takes the caller, the role or "comes from inside" from a header that a proxy is meant to set, and does not make sure that it was the proxy. One header makes anybody anyone.',
  mend: 'Believe such headers only over a connection that proves the proxy (mutual TLS, a shared secret), and drop them at the edge. Portcullis removes its identity headers from every request before it sets its own.',

  async run(context) {
    const roles = rolesKnown(context);
    const kinds = new Set<string>();
    for (const as of context.identities) {
      if (kinds.has(`${as.kind} ${as.role}`)) continue;
      kinds.add(`${as.kind} ${as.role}`);
      for (const probe of await probesOf(context, as, PROBES, 'untried')) {
        if (await entered(context, probe, roles)) return;
      }
    }
    await context.each(context.identities.slice(0, VALUES), (as) => raised(context, as, roles));
  },
};

function rolesKnown(context: CheckContext): string {
  const roles = new Set<string>(['admin']);
  for (const { role } of context.identities) if (role !== undefined) roles.add(role);
  for (const operation of context.operations.slice(0, 200))
    for (const role of context.roles(operation) ?? []) roles.add(role);
  return [...roles].slice(0, 12).join(',');
}

/** Bundles of headers, each of which would do if the API believed one of its kind. */
function* bundles(as: Identity, roles: string): Generator<readonly Header[]> {
  const names = [...as.own].filter((value) => /^[\x21-\x7e]{1,100}$/.test(value)).slice(0, VALUES);
  const claims = Buffer.from(JSON.stringify(claimsFor(as))).toString('base64url');
  for (const name of names.length > 0 ? names : ['admin', '1']) {
    yield [
      ...USER_HEADERS.map((header) => [header, name] as const),
      ...ROLE_HEADERS.map((header) => [header, roles] as const),
      ['X-Portcullis-Claims', claims],
    ];
  }
  yield [
    ...USER_HEADERS.map((header) => [header, 'admin'] as const),
    ...ROLE_HEADERS.map((header) => [header, 'admin'] as const),
  ];
  yield [...FLAGS.map((header) => [header, 'true'] as const), ...NEAR.map((header) => [header, '127.0.0.1'] as const)];
}

function claimsFor(as: Identity): Record<string, string> {
  const claims: Record<string, string> = Object.create(null);
  for (const [key, values] of as.ownIds ?? []) {
    const [kind = '', property = 'id'] = key.split('.');
    const [value] = values;
    if (value !== undefined) claims[`${kind}${property.charAt(0).toUpperCase()}${property.slice(1)}`] = value;
  }
  return claims;
}

/** In without a credential. */
async function entered(context: CheckContext, probe: Probe, roles: string): Promise<boolean> {
  const { operation } = probe;
  const plainRequest = context.render(probe.call, null);
  for (const bundle of bundles(probe.as, roles)) {
    const shows = async (headers: readonly Header[]) => {
      const exchange = await context.request(withHeaders(plainRequest, headers), { operation });
      return context.outcome(exchange) === 'success' && alike(probe.allowed.answer, exchange.answer)
        ? exchange
        : undefined;
    };
    if ((await shows(bundle)) === undefined) continue;
    const few = await fewest(bundle, async (headers) => (await shows(headers)) !== undefined);
    const attempt = async (): Promise<Proof | undefined> => {
      const control = await context.request(plainRequest, { operation });
      if (context.outcome(control) === 'success') return undefined;
      const attack = await shows(few);
      return attack && { exchanges: [control, attack], marks: few.map(([name]) => name) };
    };
    const proof = await attempt();
    if (proof === undefined) continue;
    const names = few.map(([name]) => name).join(' and ');
    const confirmed = await context.report({
      message: `${operation.key} believes ${names} from a caller without a credential`,
      operation,
      place: `header ${names}`,
      cause: `believes ${names}`,
      proof,
      again: attempt,
    });
    if (confirmed) return true;
  }
  return false;
}

/** More rights than the credential gives. */
async function raised(context: CheckContext, as: Identity, roles: string): Promise<void> {
  const closed = context.operations.filter(
    (operation) => operation.method === 'GET' && worksOnlyForOthers(context, operation, as),
  );
  for (const operation of closed.slice(0, RAISED)) {
    const sample = await context.sample(operation);
    if (sample?.as === undefined) continue;
    const own = context.render(sample.call, as);
    const control = await context.request(own, { operation, as: as.name });
    if (!isRefused(context, control)) continue;
    for (const bundle of bundles(sample.as, roles)) {
      const shows = async (headers: readonly Header[]) => {
        const request: ScanRequest = withHeaders(own, headers);
        const exchange = await context.request(request, { operation, as: as.name });
        return context.outcome(exchange) === 'success' && alike(sample.exchange.answer, exchange.answer)
          ? exchange
          : undefined;
      };
      if ((await shows(bundle)) === undefined) continue;
      const few = await fewest(bundle, async (headers) => (await shows(headers)) !== undefined);
      const attempt = async (): Promise<Proof | undefined> => {
        const refused = await context.request(own, { operation, as: as.name });
        if (context.outcome(refused) === 'success') return undefined;
        const attack = await shows(few);
        return attack && { exchanges: [refused, attack], marks: few.map(([name]) => name) };
      };
      const proof = await attempt();
      if (proof === undefined) continue;
      const names = few.map(([name]) => name).join(' and ');
      await context.report({
        message: `${operation.key} refuses ${as.name}, but answers with ${names}`,
        operation,
        place: `header ${names}`,
        cause: `believes ${names}`,
        proof,
        again: attempt,
      });
      return;
    }
  }
}

function worksOnlyForOthers(context: CheckContext, operation: Operation, as: Identity): boolean {
  const names = context.samples(operation).map((sample) => sample.as?.name);
  return names.length > 0 && !names.includes(undefined) && !names.includes(as.name);
}

/** The fewest headers that still show it: halves first, then one by one. Some 2 log n requests where one is enough. */
async function fewest(
  headers: readonly Header[],
  shows: (headers: readonly Header[]) => Promise<boolean>,
): Promise<readonly Header[]> {
  let left = headers;
  for (let narrowed = true; narrowed && left.length > 1; ) {
    narrowed = false;
    const half = Math.ceil(left.length / 2);
    for (const part of [left.slice(0, half), left.slice(half)]) {
      if (await shows(part)) {
        left = part;
        narrowed = true;
        break;
      }
    }
  }
  for (let at = left.length - 1; at >= 0 && left.length > 1; at--) {
    const fewer = left.filter((_, index) => index !== at);
    if (await shows(fewer)) left = fewer;
  }
  return left;
}
