import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Check } from '../../model/check.ts';
import { type Fault, type PeopleOptions, scanPeople } from '../../testing/people-api.ts';
import { of, told } from '../../testing/trial.ts';
import { check as badCredential } from './bad-credential.ts';
import { check as credentialInUrl } from './credential-in-url.ts';
import { check as credentialStuffing } from './credential-stuffing.ts';
import { check as expiredToken } from './expired-token.ts';
import { check as identityHeaders } from './identity-headers.ts';
import { check as loginTiming } from './login-timing.ts';
import { check as noCredential } from './no-credential.ts';
import { check as passwordGuessing } from './password-guessing.ts';
import { check as passwordInAnswer } from './password-in-answer.ts';
import { check as predictableSession } from './predictable-session.ts';
import { check as refusalStatus } from './refusal-status.ts';
import { check as sessionAfterLogout } from './session-after-logout.ts';
import { check as sessionCookie } from './session-cookie.ts';
import { check as sessionFixation } from './session-fixation.ts';
import { check as tokenKeyConfusion } from './token-key-confusion.ts';
import { check as tokenKeySource } from './token-key-source.ts';
import { check as tokenSignature } from './token-signature.ts';
import { check as unsignedToken } from './unsigned-token.ts';
import { check as userEnumeration } from './user-enumeration.ts';
import { check as weakTokenSecret } from './weak-token-secret.ts';

const ALL: readonly Check[] = [
  passwordInAnswer,
  sessionCookie,
  noCredential,
  badCredential,
  refusalStatus,
  unsignedToken,
  tokenSignature,
  tokenKeyConfusion,
  weakTokenSecret,
  tokenKeySource,
  expiredToken,
  identityHeaders,
  credentialInUrl,
  sessionFixation,
  predictableSession,
  sessionAfterLogout,
  userEnumeration,
  loginTiming,
  credentialStuffing,
  passwordGuessing,
];

/** Each fault, the check that finds it, and how sessions are proved there. */
const FAULTS: readonly (readonly [fault: Fault, check: Check, tokens?: PeopleOptions['tokens']])[] = [
  ['open-notes', noCredential],
  ['any-credential', badCredential, 'opaque'],
  ['alg-none', unsignedToken],
  ['no-verify', tokenSignature],
  ['public-key-as-secret', tokenKeyConfusion],
  ['weak-secret', weakTokenSecret, 'hs256'],
  ['key-from-header', tokenKeySource],
  ['key-from-address', tokenKeySource],
  ['no-expiry-check', expiredToken],
  ['no-expiry', expiredToken],
  ['believes-headers', identityHeaders],
  ['token-in-url', credentialInUrl],
  ['names-users', userEnumeration],
  ['no-lock', passwordGuessing],
  ['lock-by-forwarded', passwordGuessing],
  ['logout-nothing', sessionAfterLogout],
  ['logout-nothing', sessionAfterLogout, 'opaque'],
  ['counted-sessions', predictableSession, 'opaque'],
  ['counted-sessions', predictableSession, 'cookie'],
  ['fixed-sessions', sessionFixation, 'cookie'],
  ['fixed-sessions', sessionFixation, 'opaque'],
  ['plain-cookie', sessionCookie, 'cookie'],
  ['password-back', passwordInAnswer],
];

describe('authentication', { concurrency: 2 }, () => {
  for (const [fault, check, tokens = 'es256'] of FAULTS) {
    test(`${check.id} finds ${fault} (${tokens})`, async () => {
      const report = await scanPeople(fault, { tokens, checks: [check] });
      const found = of(report, check.id).filter(({ severity }) => severity !== 'informational');
      assert.ok(found.length > 0, JSON.stringify(report.checks.map(({ reason, notTried }) => ({ reason, notTried }))));
      assert.ok(found[0]!.exchanges.length > 0 && found[0]!.curl.length === found[0]!.exchanges.length);
      assert.deepEqual(
        report.checks.filter(({ state }) => state === 'crashed'),
        [],
      );
    });
  }

  for (const tokens of ['es256', 'hs256', 'opaque', 'cookie'] as const) {
    test(`nothing above informational where all is well (${tokens})`, async () => {
      const report = await scanPeople(undefined, { tokens, checks: ALL, register: true });
      assert.deepEqual(told(report), []);
      assert.deepEqual(
        report.checks.filter(({ state }) => state !== 'ran'),
        [],
      );
      const requests = report.checks.reduce((sum, one) => sum + one.requests, 0);
      assert.ok(requests < 1_200, `${requests} requests`);
    });
  }

  test('401 without WWW-Authenticate is told of once, for information', async () => {
    const [found, ...others] = of(await scanPeople('no-challenge', { checks: [refusalStatus] }), 'refusal-status');
    assert.equal(found?.severity, 'informational');
    assert.ok((found?.places.length ?? 0) >= 5);
    assert.deepEqual(others, []);
  });

  test('a weakness is not told of by the checks of others', async () => {
    const report = await scanPeople('no-verify', { checks: ALL });
    assert.deepEqual(
      [...new Set(report.findings.filter(({ severity }) => severity !== 'informational').map(({ check }) => check.id))],
      ['token-signature'],
    );
  });
});
