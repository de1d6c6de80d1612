import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALGORITHM_NAMES } from '../../src/authentication/jwt/algorithms.ts';
import { readJws } from '../../src/authentication/jwt/jws.ts';
import { importKey, verifySignature } from '../../src/authentication/jwt/verification-key.ts';
import { vectors } from '../support/vectors.ts';

const file = join(vectors, 'wycheproof', 'json_web_signature_test.json');

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}
interface Group {
  readonly comment: string;
  readonly public?: Record<string, unknown>;
  readonly private: Record<string, unknown>;
  readonly tests: readonly Case[];
}

/** Valid by RFC 7515, refused here on purpose. */
function stricter(group: Group, one: Case): string | undefined {
  const key = group.public ?? group.private;
  if (key['kty'] === 'oct') return 'symmetric keys are never accepted';
  if (key['alg'] === 'ES521') return 'the key names an algorithm that does not exist';
  const [header = '', payload] = one.jws.split('.');
  if (payload === '') return 'an empty payload is no JWT';
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string };
  if (key['alg'] !== undefined && key['alg'] !== alg)
    return 'the key is pinned to another algorithm (RFC 8725, section 3.1)';
  return undefined;
}

function accepts(group: Group, one: Case): boolean {
  const key = importKey(group.public ?? group.private, new Set(ALGORITHM_NAMES));
  if (typeof key === 'string') return false;
  const jws = readJws(one.jws);
  return typeof jws !== 'string' && verifySignature(jws, key);
}

test('Wycheproof: JSON Web Signature', { skip: existsSync(file) ? false : `no vectors at ${file}` }, (t) => {
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Group[] };
  const counts = { accepted: 0, refused: 0, stricter: 0 };
  for (const group of testGroups) {
    for (const one of group.tests) {
      const label = `${group.comment} ${one.tcId} ${one.comment}`;
      const accepted = accepts(group, one);
      if (one.result === 'invalid') {
        assert.equal(accepted, false, label);
        counts.refused++;
      } else if (stricter(group, one) !== undefined) {
        assert.equal(accepted, false, label);
        counts.stricter++;
      } else {
        assert.equal(accepted, true, label);
        counts.accepted++;
      }
    }
  }
  t.diagnostic(JSON.stringify(counts));
  // Nothing was skipped, and the suite has not shrunk unseen.
  assert.equal(counts.accepted + counts.refused + counts.stricter, 401);
  assert.ok(counts.accepted > 20 && counts.refused > 300, JSON.stringify(counts));
});
