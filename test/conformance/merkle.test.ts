import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { verifyConsistency, verifyInclusion } from '../../src/audit/merkle.ts';
import { vectors } from '../support/vectors.ts';

const folder = join(vectors, 'merkle/testdata');
const skip = existsSync(folder) ? false : 'the vectors are not here (PORTCULLIS_VECTORS)';

interface Inclusion {
  leafIdx: number;
  treeSize: number;
  root: string | null;
  leafHash: string | null;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
}

interface Consistency {
  size1: number;
  size2: number;
  root1: string | null;
  root2: string | null;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
}

const bytes = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64');
const proofOf = (proof: string[] | null): Buffer[] => (proof ?? []).map(bytes);

function each<Vector extends { wantErr: boolean }>(kind: string, judge: (vector: Vector) => boolean): void {
  let right = 0;
  let wrong = 0;
  for (const name of globSync(`${kind}/**/*.json`, { cwd: folder })) {
    const vector = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Vector;
    assert.equal(judge(vector), !vector.wantErr, name);
    if (vector.wantErr) wrong++;
    else right++;
  }
  assert.ok(right > 3 && wrong > 50, `${kind}: ${right} right and ${wrong} wrong proofs were seen`);
}

describe('RFC 9162 proofs', { skip }, () => {
  test('inclusion (section 2.1.3.2)', () => {
    each<Inclusion>('inclusion', (v) =>
      verifyInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), proofOf(v.proof), bytes(v.root)),
    );
  });

  test('consistency (section 2.1.4.2)', () => {
    each<Consistency>('consistency', (v) =>
      verifyConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proofOf(v.proof)),
    );
  });
});
