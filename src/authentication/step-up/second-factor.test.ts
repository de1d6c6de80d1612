import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { editFactors, removeFactor } from '../../identity/factors/records.ts';
import { PasswordHashing } from '../../identity/password-hashing.ts';
import { createUser } from '../../identity/users.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { all, BASIC_AUTH, basicHeader, gate, world } from '../testing.ts';

const opened = memoryStore();
after(() => opened.close());
const PASSWORD = 'correct horse battery staple';

test('whoever has a second factor is not let in by the password alone: at once, and in the words of a wrong one', async () => {
  const services = world(opened);
  const user = await createUser(services.store, services.clock, new PasswordHashing(), {
    name: 'ann',
    password: PASSWORD,
  });
  const send = gate(services, [all(BASIC_AUTH)]);
  const ask = async (password: string, address = '192.0.2.1') =>
    (await send({ headers: basicHeader('ann', password), address })).refusal;
  assert.equal(await ask(PASSWORD), undefined);
  assert.equal(await ask(PASSWORD), undefined, 'remembered');
  editFactors(services.store, user.id, (now) => ({
    factors: {
      ...now,
      factors: [{ kind: 'totp', id: 'totp_1', secret: '', algorithm: 'SHA1', lastStep: 0, created: 0, used: null }],
    },
    result: undefined,
  }));
  const refused = await ask(PASSWORD);
  const wrong = await ask(`${PASSWORD}x`);
  assert.match(String(refused?.evidence?.['reason']), /second factor/);
  const shown = ({ evidence: _, ...visible }: NonNullable<typeof refused>) => visible;
  assert.deepEqual(refused && shown(refused), wrong && shown(wrong), 'nobody learns that the password was right');
  for (let i = 0; i < 4; i++) await ask(PASSWORD);
  assert.equal((await ask(PASSWORD))?.code, 'too-many-failures', 'and it counts like one');
  removeFactor(services.store, user.id, 'totp_1');
  assert.equal(await ask(PASSWORD, '198.51.100.7'), undefined);
});
