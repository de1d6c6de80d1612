import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createKey } from '../identity/keys.ts';
import { PasswordHashing } from '../identity/password-hashing.ts';
import { createUser } from '../identity/users.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { all, BASIC_AUTH, basicHeader, gate, KEY_HEADER, world } from './testing.ts';

const PASSWORD = 'correct horse battery staple';

/** Runs a program with the store open in another process, as the CLI or another worker would be. */
async function elsewhere(file: string, program: string): Promise<void> {
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const text = `import { openStore } from ${from('../storage/sqlite-store.ts')};
    import { revokeKey } from ${from('../identity/keys.ts')};
    import { setDisabled } from ${from('../identity/users.ts')};
    import { systemClock } from ${from('../shared/clock.ts')};
    const store = openStore(${JSON.stringify(file)});
    ${program}
    store.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
}

test('what another process revokes or disables is refused at the next request, though it was cached', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-revoke-'));
  const file = join(directory, 'store.db');
  const store = openStore(file);
  t.after(() => {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const services = world(store);
  const { key, secret } = createKey(services.store, services.clock, {});
  await createUser(services.store, services.clock, new PasswordHashing(), { name: 'ann', password: PASSWORD });
  const send = gate(services, [all(KEY_HEADER), all(BASIC_AUTH)]);
  const byKey = async () => (await send({ headers: { 'x-api-key': secret } })).refusal?.evidence?.['reason'] ?? 'in';
  const byPassword = async () =>
    (await send({ headers: basicHeader('ann', PASSWORD) })).refusal?.evidence?.['reason'] ?? 'in';

  assert.deepEqual([await byKey(), await byKey()], ['in', 'in']);
  assert.deepEqual([await byPassword(), await byPassword()], ['in', 'in']);
  await elsewhere(file, `revokeKey(store, systemClock, ${JSON.stringify(key.id)});`);
  assert.equal(await byKey(), 'the key is revoked');
  assert.equal(await byPassword(), 'in');
  await elsewhere(file, `setDisabled(store, 'ann', true);`);
  assert.equal(await byPassword(), 'name and password: disabled');
});
