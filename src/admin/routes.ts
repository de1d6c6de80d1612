import { z } from 'zod';
import type { AdminHooks } from './admin.ts';
import { clientRoutes } from './client-routes.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Exact, or ending in `/*` for one name. */
  readonly path: string;
  /** Answers without the admin token. */
  readonly open: boolean;
  run(
    hooks: AdminHooks,
    request: { readonly name: string; readonly body: unknown },
  ): Promise<{ status: number; body: unknown }>;
}

const newKey = z.strictObject({
  roles: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
  note: z.string().max(200).optional(),
  expires: z.string().optional(),
  claims: z.record(z.string(), z.unknown()).optional(),
  ranges: z.array(z.string()).optional(),
});

const newRevocation = z.strictObject({
  kind: z.enum(['token', 'family', 'client', 'user', 'issuer', 'key', 'keys']),
  subject: z.string().min(1).max(2100).optional(),
  token: z.string().min(1).max(16_384).optional(),
  before: z.string().max(40).optional(),
  reason: z.string().max(1000).optional(),
});

const newBan = z.strictObject({ who: z.string().max(2100), for: z.string().max(20), reason: z.string().max(1000) });

/** Counted at the store when asked: a sum of what the workers hold would count each as often as there are workers. */
function bansInForce(hooks: AdminHooks): string {
  const lines = Object.entries(hooks.bans.inForce()).map(
    ([kind, n]) => `portcullis_bans_active{kind="${kind}"} ${n}\n`,
  );
  return `# TYPE portcullis_bans_active gauge\n${lines.join('')}`;
}

const NOT_FOUND = { status: 404, body: { title: 'Not found' } };
const badRequest = (detail: string) => ({ status: 400, body: { title: 'Bad request', detail } });
const issuesOf = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');

/** Everything the admin API answers; a new route is one entry. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/healthz', open: true, run: async () => ({ status: 200, body: { status: 'alive' } }) },
  {
    method: 'GET',
    path: '/readyz',
    open: true,
    run: async (hooks) => {
      const reason = hooks.ready();
      return reason === undefined
        ? { status: 200, body: { status: 'ready' } }
        : { status: 503, body: { title: 'Not ready', detail: reason } };
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    open: false,
    run: async (hooks) => ({ status: 200, body: `${await hooks.metrics()}${bansInForce(hooks)}` }),
  },
  {
    method: 'POST',
    path: '/reload',
    open: false,
    run: async (hooks) => {
      const reason = await hooks.reload();
      return reason === undefined
        ? { status: 200, body: { status: 'in force' } }
        : {
            status: 422,
            body: { title: 'The new configuration is refused; the old one stays in force', detail: reason },
          };
    },
  },
  {
    method: 'GET',
    path: '/keys',
    open: false,
    run: async (hooks) => ({ status: 200, body: { keys: hooks.keys.list() } }),
  },
  {
    method: 'POST',
    path: '/keys',
    open: false,
    run: async (hooks, { body }) => {
      const request = newKey.safeParse(body);
      if (!request.success) {
        return badRequest(issuesOf(request.error));
      }
      try {
        return { status: 201, body: hooks.keys.create(request.data) };
      } catch (error) {
        return badRequest((error as Error).message);
      }
    },
  },
  {
    method: 'DELETE',
    path: '/keys/*',
    open: false,
    run: async (hooks, { name }) =>
      hooks.keys.revoke(name) ? { status: 200, body: { status: 'revoked' } } : NOT_FOUND,
  },
  {
    method: 'GET',
    path: '/revocations',
    open: false,
    run: async (hooks) => ({ status: 200, body: { revocations: hooks.revocations.list() } }),
  },
  {
    method: 'POST',
    path: '/revocations',
    open: false,
    run: async (hooks, { body }) => {
      const request = newRevocation.safeParse(body);
      if (!request.success) return badRequest(issuesOf(request.error));
      try {
        return { status: 201, body: hooks.revocations.add(request.data) };
      } catch (error) {
        return badRequest((error as Error).message);
      }
    },
  },
  {
    method: 'DELETE',
    path: '/revocations/*',
    open: false,
    run: async (hooks, { name }) =>
      hooks.revocations.lift(name) ? { status: 200, body: { status: 'lifted' } } : NOT_FOUND,
  },
  {
    method: 'GET',
    path: '/bans',
    open: false,
    run: async (hooks) => ({ status: 200, body: { bans: hooks.bans.list() } }),
  },
  {
    method: 'POST',
    path: '/bans',
    open: false,
    run: async (hooks, { body }) => {
      const request = newBan.safeParse(body);
      if (!request.success) return badRequest(issuesOf(request.error));
      const { who, for: span, reason } = request.data;
      try {
        return { status: 201, body: hooks.bans.add({ who, span, reason }) };
      } catch (error) {
        return badRequest((error as Error).message);
      }
    },
  },
  {
    method: 'GET',
    path: '/bans/*',
    open: false,
    run: async (hooks, { name }) => {
      const bans = hooks.bans.find(name);
      return bans === undefined ? NOT_FOUND : { status: 200, body: { bans } };
    },
  },
  {
    method: 'DELETE',
    path: '/bans/*',
    open: false,
    run: async (hooks, { name }) => {
      const bans = hooks.bans.lift(name);
      return bans === undefined ? NOT_FOUND : { status: 200, body: { bans } };
    },
  },
  ...clientRoutes((hooks) => hooks.clients),
];
