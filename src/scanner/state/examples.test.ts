import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, inWorld } from './testing.ts';

const responses = { 200: { description: 'fine' } };
const place = (at: string, name: string, schema: object, beside: object = {}): object => ({
  in: at,
  name,
  required: true,
  schema,
  ...beside,
});
const reading = (...parameters: object[]): object => ({ get: { parameters, responses } });

test('what a read names stays as the contract gives it, under names of what is made only once too', async () => {
  const contract = api({
    '/coins/{name}': reading(place('path', 'name', { type: 'string', example: 'alpha' })),
    '/cities/{slug}/weather': reading(place('path', 'slug', { type: 'string' }, { example: 'alpha' })),
    '/people/{username}': reading(
      place('path', 'username', { type: 'string' }, { examples: { one: { value: 'alpha' } } }),
    ),
    '/search': reading(place('query', 'name', { type: 'string', default: 'alpha' })),
  });
  await inWorld(
    {
      contract,
      answer: ({ path, query }) =>
        path[1] === 'alpha' || query.get('name') === 'alpha'
          ? { json: { found: true } }
          : { status: 404, json: { error: 'there is none' } },
    },
    async ({ state, able, sampleOf, asked }) => {
      await state.explore();
      for (const key of ['GET /coins/{name}', 'GET /cities/{slug}/weather', 'GET /people/{username}', 'GET /search'])
        assert.deepEqual(able(key), ['-'], `${key}\n${asked.join('\n')}`);
      assert.equal(sampleOf('GET /coins/{name}', '-')?.call.values.get('path:name'), 'alpha');
    },
  );
});
