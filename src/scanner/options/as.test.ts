import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { scratch } from '../../../test/support/program.ts';
import { LoadError } from '../../shared/finding.ts';
import { OptionError, readAs, readRole } from './as.ts';

const environment = { TOKEN: 't0ken\n', PAIR: 'carol:p:w', EMPTY: '' };
const as = (text: string, tokenUrl?: string) => readAs(text, { environment, tokenUrl });

test('every kind is read as it is written', () => {
  assert.deepEqual(as('alice=Bearer:a.b.c'), { name: 'alice', bearer: { token: 'a.b.c' } });
  assert.deepEqual(as('bob=ApiKey:k:e=y'), { name: 'bob', key: { value: 'k:e=y' } });
  assert.deepEqual(as('carol=Basic:carol:p:w'), { name: 'carol', basic: { username: 'carol', password: 'p:w' } });
  assert.deepEqual(as('dave=login:dave@example.com:pw'), {
    name: 'dave',
    login: { username: 'dave@example.com', password: 'pw' },
  });
  assert.deepEqual(as('eve=Cookie:sid=a=b'), { name: 'eve', cookie: { name: 'sid', value: 'a=b' } });
  assert.deepEqual(as('app=OAuth:id:secret', '/token'), {
    name: 'app',
    oauth: { tokenUrl: '/token', clientId: 'id', clientSecret: 'secret' },
  });
});

test('secrets come from the environment or a file, whole or in part', (t) => {
  const file = join(scratch(t), 'secret');
  writeFileSync(file, 'from a file\n');
  assert.deepEqual(as('a=Bearer:env:TOKEN'), { name: 'a', bearer: { token: 't0ken' } });
  assert.deepEqual(as(`a=ApiKey:@${file}`), { name: 'a', key: { value: 'from a file' } });
  assert.deepEqual(as('a=Basic:env:PAIR'), { name: 'a', basic: { username: 'carol', password: 'p:w' } });
  assert.deepEqual(as('a=Basic:carol:env:TOKEN'), { name: 'a', basic: { username: 'carol', password: 't0ken' } });
  assert.deepEqual(as(`a=Login:carol:@${file}`), { name: 'a', login: { username: 'carol', password: 'from a file' } });
  assert.deepEqual(as('a=Cookie:sid=env:TOKEN'), { name: 'a', cookie: { name: 'sid', value: 't0ken' } });
});

test('what is wrong is said, and the secret is not', () => {
  const problem = (text: string): string => {
    try {
      as(text);
    } catch (error) {
      assert.ok(error instanceof OptionError || error instanceof LoadError, String(error));
      return error.message;
    }
    return assert.fail('it was read');
  };
  assert.match(problem('hunter2'), /^--as is written NAME=KIND:VALUE/);
  assert.match(problem('a=Baerer:hunter2'), /^--as a: .*Bearer:, ApiKey:.* Did you mean Bearer\?/);
  assert.match(problem('a=hunter2'), /begins with one of/);
  assert.match(problem('a=Basic:hunter2'), /expected Basic:USER:PASSWORD/);
  assert.match(problem('a=Cookie:hunter2'), /expected Cookie:NAME=VALUE/);
  assert.match(problem('a=OAuth:id:hunter2'), /--token-url/);
  assert.match(problem('a=Bearer:'), /is empty/);
  assert.match(problem('a=Bearer:env:NOT_THERE'), /variable NOT_THERE is not set/);
  assert.match(problem('a=Bearer:env:EMPTY'), /variable EMPTY is not set/);
  assert.match(problem('a=Bearer:env:toString'), /variable toString is not set/);
  assert.match(problem('a=Bearer:@/nowhere/at/all'), /does not exist/);
  assert.match(problem('a b=Bearer:hunter2'), /name: must be a short name/);
  assert.match(problem('a=Bearer:hun\r\nter2'), /token: .*line ends/);
  for (const text of [
    'hunter2',
    'a=hunter2',
    'a=Basic:hunter2',
    'a=Cookie:hunter2',
    'a=OAuth:id:hunter2',
    'a b=Bearer:hunter2',
  ])
    assert.ok(!problem(text).includes('hunter2'), text);
});

test('no text makes it throw anything else', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('', 'a=', 'a=Bearer:', 'a=Basic:', 'a=Cookie:x='), (text, before) => {
      // Files are not read at random.
      if (text.includes('@')) return;
      try {
        as(before + text);
      } catch (error) {
        assert.ok(error instanceof OptionError);
      }
    }),
  );
});

test('roles belong to identities that there are', () => {
  assert.deepEqual(readRole('alice=patient', ['alice']), { name: 'alice', role: 'patient' });
  assert.throws(() => readRole('alcie=patient', ['alice']), /did you mean alice\?/);
  assert.throws(() => readRole('zoe=patient', ['alice']), /give it with --as/);
  assert.throws(() => readRole('alice', ['alice']), /NAME=ROLE/);
  assert.throws(() => readRole('alice=', ['alice']), /NAME=ROLE/);
});
