import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type GateUnderTest, startGate, upstream } from '../support/gate.ts';
import { lifetime } from '../support/program.ts';

// Promise 8: no input costs more than 100 times what its length normally costs, whatever the contract's patterns are.
/** Name, pattern, the letter that makes it slow, a value that matches. */
const PATTERNS: [string, string, string, string][] = [
  ['nested', '^(a+)+$', 'a', 'aaa'],
  ['alternatives', '^(a|a)*$', 'a', 'aaa'],
  ['overlapping', '^a*a*a*a*a*b$', 'a', 'aab'],
  ['words', '^(\\w+\\s?)+$', 'a', 'a b'],
  ['unanchored', '(x+x+)+y', 'x', 'xxy'],
  ['look-ahead', '^(?=(a+)+$).*$', 'a', 'aa'],
  ['back-reference', '^(a*)\\1*b$', 'a', 'aab'],
];
const life = lifetime(after);
let gate: GateUnderTest;

before(async () => {
  const api = await upstream(life, (_req, res) => res.writeHead(204).end());
  const paths = Object.fromEntries(
    PATTERNS.map(([name, pattern]) => [
      `/${name}`,
      {
        post: {
          operationId: name,
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['a'],
                  properties: { a: { type: 'string', maxLength: 50_000, pattern } },
                },
              },
            },
          },
          responses: { 204: { description: 'ok' } },
        },
      },
    ]),
  );
  gate = await startGate(
    life,
    { contract: 'openapi.json', upstream: api.url, authentication: 'public', detection: 'off' },
    { 'openapi.json': JSON.stringify({ openapi: '3.1.0', info: { title: 'patterns', version: '1' }, paths }) },
  );
});

for (const [name, pattern, letter, good] of PATTERNS) {
  test(`${name} (${pattern}): a hostile value costs little, and is refused`, { timeout: 20_000 }, async () => {
    const post = async (value: string): Promise<{ status: number; ms: number }> => {
      const started = performance.now();
      const headers = { 'content-type': 'application/json' };
      const { status } = await gate.send(`/${name}`, { method: 'POST', headers, body: JSON.stringify({ a: value }) });
      return { status, ms: performance.now() - started };
    };
    assert.equal((await post(good)).status, 204, 'what matches passes');
    assert.equal((await post('!')).status, 400);
    const plain = await post(`${'.'.repeat(49_000)}!`);
    const hostile = await post(`${letter.repeat(49_000)}!`);
    assert.equal(hostile.status, 400);
    // A connection of its own each: what is compared is tens of milliseconds against minutes.
    assert.ok(
      hostile.ms < Math.max(plain.ms, 20) * 100,
      `${hostile.ms.toFixed(0)} ms against ${plain.ms.toFixed(0)} ms`,
    );
  });
}
