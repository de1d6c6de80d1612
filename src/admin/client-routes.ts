import { z } from 'zod';
import type { ClientAdministration } from './admin.ts';
import type { Route } from './routes.ts';

const texts = z.array(z.string().max(2000)).max(100);

const newClient = z.strictObject({
  name: z.string().max(100),
  contact: z.string().max(500).optional(),
  note: z.string().max(500).optional(),
  proof: z.enum(['none', 'secret', 'private_key_jwt']).optional(),
  keys: z.array(z.record(z.string(), z.unknown())).max(10).optional(),
  redirectUris: texts.optional(),
  logoutUris: texts.optional(),
  grants: texts.optional(),
  scopes: texts.optional(),
});

const approval = z.strictObject({
  scopes: texts.optional(),
  roles: texts.optional(),
  grants: texts.optional(),
  redirectUris: texts.optional(),
  ranges: texts.optional(),
  rateClass: z.string().max(64).optional(),
  own: z.boolean().optional(),
});

const which = z.strictObject({
  id: z.string().max(100).optional(),
  user: z.string().max(512).optional(),
  client: z.string().max(100).optional(),
});

const NOT_FOUND = { status: 404, body: { title: 'Not found' } };
const badRequest = (detail: string) => ({ status: 400, body: { title: 'Bad request', detail } });

type Answer = { status: number; body: unknown };

/** Reads a body, does the work, and says what is wrong with either. */
function withBody<T>(schema: z.ZodType<T>, body: unknown, work: (request: T) => unknown, status = 200): Answer {
  const request = schema.safeParse(body);
  if (!request.success)
    return badRequest(request.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  try {
    const result = work(request.data);
    return result === undefined ? NOT_FOUND : { status, body: result };
  } catch (error) {
    return badRequest((error as Error).message);
  }
}

const found = (result: unknown): Answer => (result === undefined ? NOT_FOUND : { status: 200, body: result });

/** Applications and grants in the admin API. */
export function clientRoutes(of: (hooks: Parameters<Route['run']>[0]) => ClientAdministration): Route[] {
  return [
    {
      method: 'GET',
      path: '/clients',
      open: false,
      run: async (hooks) => ({ status: 200, body: { clients: of(hooks).list() } }),
    },
    {
      method: 'POST',
      path: '/clients',
      open: false,
      run: async (hooks, { body }) => withBody(newClient, body, (request) => of(hooks).create(request), 201),
    },
    { method: 'GET', path: '/clients/*', open: false, run: async (hooks, { name }) => found(of(hooks).find(name)) },
    {
      method: 'DELETE',
      path: '/clients/*',
      open: false,
      run: async (hooks, { name }) =>
        of(hooks).remove(name) ? { status: 200, body: { status: 'removed' } } : NOT_FOUND,
    },
    {
      method: 'POST',
      path: '/clients/approve/*',
      open: false,
      run: async (hooks, { name, body }) => withBody(approval, body, (request) => of(hooks).approve(name, request)),
    },
    {
      method: 'POST',
      path: '/clients/suspend/*',
      open: false,
      run: async (hooks, { name }) => found(of(hooks).suspend(name)),
    },
    {
      method: 'GET',
      path: '/grants',
      open: false,
      run: async (hooks) => ({ status: 200, body: { grants: of(hooks).grants({}) } }),
    },
    {
      method: 'POST',
      path: '/grants/revoke',
      open: false,
      run: async (hooks, { body }) => withBody(which, body, (request) => of(hooks).withdraw(request)),
    },
  ];
}
