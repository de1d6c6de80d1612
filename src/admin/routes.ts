import { z } from 'zod';
import type { AdminHooks } from './admin.ts';

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
});

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
    run: async (hooks) => ({ status: 200, body: await hooks.metrics() }),
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
        const detail = request.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
        return { status: 400, body: { title: 'Bad request', detail } };
      }
      try {
        return { status: 201, body: hooks.keys.create(request.data) };
      } catch (error) {
        return { status: 400, body: { title: 'Bad request', detail: (error as Error).message } };
      }
    },
  },
  {
    method: 'DELETE',
    path: '/keys/*',
    open: false,
    run: async (hooks, { name }) =>
      hooks.keys.revoke(name)
        ? { status: 200, body: { status: 'revoked' } }
        : { status: 404, body: { title: 'Not found' } },
  },
];
