import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { temporaryDirectory } from './fixture.ts';
import { EMPTY_ROOT, leafHash, leafHashIn, verifyConsistency, verifyInclusion } from './merkle.ts';
import { consistencyProof, inclusionProof, MissingTile, rangeHash, tilePath, tileSource, tileWidth } from './tiles.ts';
import { Tree } from './tree.ts';

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
};

/** RFC 9162, section 2.1.1, as it is written there. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const leaf = (i: number): Buffer => Buffer.from(`record ${i}`);

/** Writes the tiles of a tree of `size` as a log does. */
function writeTiles(directory: string, size: number): Tree {
  const put = (path: string, bytes: Buffer) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  };
  const tree = new Tree(({ level, index, bytes }) => put(tilePath(level, index), bytes));
  for (let i = 0; i < size; i++) tree.append(leafHash(leaf(i)));
  for (const { level, index, width, bytes } of tree.partials()) put(tilePath(level, index, width), bytes);
  return tree;
}

test('the growing tree has the root of the recursive definition at every size', () => {
  const tree = new Tree(() => {});
  const leaves: Buffer[] = [];
  assert.deepEqual(tree.root(), EMPTY_ROOT);
  for (let size = 1; size <= 600; size++) {
    leaves.push(leaf(size));
    tree.append(leafHash(leaf(size)));
    assert.deepEqual(tree.root(), naiveRoot(leaves), `size ${size}`);
  }
});

test('a leaf hashed in place is the leaf hashed alone, and the buffer is as before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (before, bytes) => {
      const buffer = Buffer.concat([before, bytes]);
      const copy = Buffer.from(buffer);
      assert.deepEqual(leafHashIn(buffer, before.length, buffer.length), sha256(Buffer.of(0), bytes));
      assert.deepEqual(buffer, copy);
    }),
  );
});

test('tiles lie where the specification puts them', () => {
  assert.equal(tilePath(0, 0), 'tile/0/000');
  assert.equal(tilePath(0, 1_234_067), 'tile/0/x001/x234/067');
  assert.equal(tilePath(1, 999, 17), 'tile/1/999.p/17');
  assert.equal(tilePath(2, 1000), 'tile/2/x001/000');
  // The specification's example: 70,000 leaves.
  assert.deepEqual(
    [tileWidth(70_000, 0, 272), tileWidth(70_000, 0, 273), tileWidth(70_000, 1, 1), tileWidth(70_000, 2, 0)],
    [256, 112, 17, 1],
  );
  assert.equal(tileWidth(70_000, 0, 274), 0);
});

test('proofs made from tiles are the right ones, for any leaf and any two sizes', async (t) => {
  const size = 66_000;
  const directory = temporaryDirectory(t);
  const tree = writeTiles(directory, size);
  const tiles = tileSource(directory, size);
  const root = tree.root();
  assert.deepEqual(await rangeHash(tiles, 0, size), root);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.integer({ min: 1, max: size }), async (index, older) => {
      const proof = await inclusionProof(tiles, index, size);
      assert.ok(verifyInclusion(index, size, leafHash(leaf(index)), proof, root));
      assert.ok(!verifyInclusion(index, size, leafHash(leaf(index + 1)), proof, root));
      assert.ok(!verifyInclusion((index + 1) % size, size, leafHash(leaf(index)), proof, root));
      const olderRoot = await rangeHash(tiles, 0, older);
      const steps = await consistencyProof(tiles, older, size);
      assert.ok(verifyConsistency(older, size, olderRoot, root, steps));
      if (older < size) assert.ok(!verifyConsistency(older, size, leafHash(olderRoot), root, steps));
    }),
    { numRuns: 60 },
  );
});

test('small trees: every proof between every two sizes', async (t) => {
  const most = 20;
  const directory = temporaryDirectory(t);
  writeTiles(directory, most);
  const roots = Array.from({ length: most + 1 }, (_, size) =>
    naiveRoot(Array.from({ length: size }, (_unused, i) => leaf(i))),
  );
  const tiles = tileSource(directory, most);
  for (let size = 1; size <= most; size++)
    for (let older = 1; older <= size; older++) {
      const proof = await consistencyProof(tiles, older, size);
      assert.ok(verifyConsistency(older, size, roots[older]!, roots[size]!, proof), `${older} to ${size}`);
    }
});

test('a tree taken up from its tiles goes on as if it had never stopped', async (t) => {
  for (const size of [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_793]) {
    const directory = temporaryDirectory(t);
    const tree = writeTiles(directory, size);
    const again = new Tree(() => {});
    assert.ok(await again.restore(size, tileSource(directory, size)), `size ${size}`);
    for (let i = 0; i < 300; i++) {
      assert.deepEqual(again.root(), tree.root(), `size ${size} + ${i}`);
      tree.append(leafHash(leaf(size + i)));
      again.append(leafHash(leaf(size + i)));
    }
  }
});

test('a missing tile is said to be missing', async (t) => {
  const directory = temporaryDirectory(t);
  await assert.rejects(rangeHash(tileSource(directory, 300), 0, 300), MissingTile);
  assert.equal(await new Tree(() => {}).restore(300, tileSource(directory, 300)), false);
});

test('nonsense proves nothing and throws nothing', () => {
  fc.assert(
    fc.property(
      fc.double(),
      fc.double(),
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (a, b, proof, root) => {
        assert.equal(verifyInclusion(a, b, leafHash(root), proof, root), false);
        assert.equal(verifyConsistency(a, b, leafHash(root), root, proof), false);
      },
    ),
  );
});
