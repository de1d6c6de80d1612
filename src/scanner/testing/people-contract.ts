const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
const text = { type: 'string', minLength: 1, maxLength: 80 };
const object = (properties: Record<string, object>, required: readonly string[] = Object.keys(properties)): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const NOTE = object({
  id: text,
  ownerId: { type: 'integer' },
  title: text,
  text,
  status: { type: 'string', enum: ['draft', 'approved'] },
});
const ORDER = object({ id: text, userId: { type: 'integer' }, item: text, priceCents: { type: 'integer' } });
const USER = object({ id: { type: 'integer' }, username: text, email: text, role: text });

/**
 * The contract of the API of `people-api.ts`.
 * @param tokens how sessions are proved: `cookie`, `opaque` (a header), else a bearer token
 */
export function peopleContract(tokens: string): object {
  const id = { name: 'id', in: 'path', required: true, schema: text };
  const answers = (schema: object, status = '200') => ({
    responses: { [status]: { description: 'fine', ...json(schema) } },
  });
  const body = (schema: object) => ({ requestBody: { required: true, ...json(schema) } });
  const open = { security: [] };
  const newNote = object({ title: text, text });
  return {
    openapi: '3.1.0',
    info: { title: 'People', version: '1' },
    security: [{ session: [] }],
    components: {
      securitySchemes: {
        session:
          tokens === 'cookie'
            ? { type: 'apiKey', in: 'cookie', name: 'sid' }
            : tokens === 'opaque'
              ? { type: 'apiKey', in: 'header', name: 'X-Session' }
              : { type: 'http', scheme: 'bearer' },
      },
    },
    paths: {
      '/login': {
        post: {
          ...open,
          ...body(
            object({ username: text, password: text, lifetime: { type: 'integer', minimum: 1 } }, [
              'username',
              'password',
            ]),
          ),
          ...answers(object({ token: { type: 'string' } })),
        },
      },
      '/logout': { post: answers({}) },
      '/users': {
        post: {
          operationId: 'register',
          ...open,
          ...body(
            object({
              username: { ...text, minLength: 4 },
              email: { ...text, format: 'email' },
              password: { ...text, minLength: 8 },
            }),
          ),
          ...answers(USER, '201'),
        },
      },
      '/me': { get: answers(USER) },
      '/notes': {
        get: { summary: 'My notes.', ...answers({ type: 'array', items: NOTE }) },
        post: { ...body(newNote), ...answers(NOTE, '201') },
      },
      '/notes/{id}': {
        parameters: [id],
        get: answers(NOTE),
        patch: { ...body(object({ title: text, text }, [])), ...answers(NOTE) },
        delete: answers({}),
      },
      '/orders': {
        get: answers({ type: 'array', items: ORDER }),
        post: { ...body(object({ userId: { type: 'integer' }, item: text })), ...answers(ORDER, '201') },
      },
      '/users/{id}': { parameters: [id], get: answers(USER) },
      '/export/users': { get: { responses: { 200: { description: 'a table', content: { 'text/csv': {} } } } } },
      '/admin/users': { get: answers({ type: 'array', items: USER }) },
    },
  };
}
