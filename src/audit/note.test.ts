import assert from 'node:assert/strict';
import { generateKeyPairSync, hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeCheckpoint } from './head.ts';
import { KEY_COMMENT, parseKept } from './kept.ts';
import {
  formatVerifier,
  parseCheckpoint,
  parseNote,
  parseVerifier,
  signCheckpoint,
  signedBy,
  splitNotes,
  verifierOf,
} from './note.ts';

const pair = generateKeyPairSync('ed25519');
const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const verifier = verifierOf('gate.example/audit/0', raw);
const root = hash('sha256', 'some root', 'buffer');
const signed = signCheckpoint({ origin: verifier.name, size: 42, root }, verifier, pair.privateKey);

test('a checkpoint is a signed note of three lines, as the specifications have it', () => {
  const [origin, size, base64, blank, signature, end] = signed.split('\n');
  assert.deepEqual([origin, size, base64, blank, end], [verifier.name, '42', root.toString('base64'), '', '']);
  assert.match(signature!, /^— gate\.example\/audit\/0 [A-Za-z0-9+/]{91}=$/);
  const bytes = Buffer.from(signature!.split(' ')[2]!, 'base64');
  const id = hash('sha256', Buffer.concat([Buffer.from('gate.example/audit/0\n\x01'), raw]), 'buffer').subarray(0, 4);
  assert.deepEqual(bytes.subarray(0, 4), id);
  assert.equal(bytes.length, 4 + 64);
});

test('it reads back, and the key it names reads back', () => {
  const checkpoint = judgeCheckpoint(signed, verifier);
  assert.deepEqual(checkpoint, { origin: verifier.name, size: 42, root });
  assert.deepEqual(parseVerifier(formatVerifier(verifier))?.raw, raw);
  assert.equal(parseVerifier(formatVerifier(verifier).replace('gate', 'gata')), undefined, 'the id covers the name');
});

test('any other byte is found', () => {
  for (let i = 0; i < signed.length; i++)
    for (const other of ['A', '1', '\n']) {
      if (signed[i] === other) continue;
      const changed = signed.slice(0, i) + other + signed.slice(i + 1);
      assert.equal(typeof judgeCheckpoint(changed, verifier), 'string', `byte ${i} as ${JSON.stringify(other)}`);
    }
});

test('a signature under another name, id or key counts for nothing', () => {
  const other = generateKeyPairSync('ed25519');
  const otherRaw = other.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const forged = signCheckpoint(
    { origin: verifier.name, size: 43, root },
    verifierOf(verifier.name, otherRaw),
    other.privateKey,
  );
  assert.match(String(judgeCheckpoint(forged, verifier)), /not signed by/);
  // Signed by a stranger, under the true key's id.
  const stolen = signCheckpoint({ origin: verifier.name, size: 43, root }, verifier, other.privateKey);
  assert.match(String(judgeCheckpoint(stolen, verifier)), /not signed by/);
  // One right signature does not save a note with a wrong one of the same key.
  const line = stolen.split('\n').at(-2);
  assert.equal(signedBy(parseNote(`${signed}${line}\n`)!, verifier), false);
  // A second one of somebody else does no harm.
  assert.equal(signedBy(parseNote(`${signed}${forged.split('\n').at(-2)}\n`)!, verifier), true);
});

test('a checkpoint of another log is not taken for this one', () => {
  const elsewhere = signCheckpoint({ origin: 'gate.example/audit/1', size: 42, root }, verifier, pair.privateKey);
  assert.match(String(judgeCheckpoint(elsewhere, verifier)), /origin is gate\.example\/audit\/1/);
});

test('sizes and roots have one spelling', () => {
  const text = (size: string, base64 = root.toString('base64')) => parseCheckpoint(`o\n${size}\n${base64}\n`);
  assert.equal(text('7')?.size, 7);
  for (const size of ['07', '+7', '7 ', '-1', '1e3', '9007199254740993', '']) assert.equal(text(size), undefined, size);
  assert.equal(text('7', `${root.toString('base64').slice(0, 42)}B=`), undefined, 'spare bits set');
  assert.equal(text('7', 'AAAA'), undefined);
  assert.equal(parseCheckpoint(`o\n7\n${root.toString('base64')}`), undefined, 'no newline at the end');
});

test('a file of kept checkpoints, with keys and comments, reads back', () => {
  const second = signCheckpoint({ origin: verifier.name, size: 50, root }, verifier, pair.privateKey);
  const file = `# kept in March\n${KEY_COMMENT}${formatVerifier(verifier)}\n${signed}\n\n${second}`;
  assert.deepEqual(splitNotes(file), [signed, second]);
  const kept = parseKept(file.replaceAll('\n', '\r\n'));
  assert.deepEqual(
    kept.map((k) => [k.checkpoint.size, k.verifier?.name]),
    [
      [42, verifier.name],
      [50, verifier.name],
    ],
  );
  assert.throws(() => parseKept('hello\n'), SyntaxError);
  assert.throws(() => parseKept(''), SyntaxError);
  assert.throws(() => parseKept(`${KEY_COMMENT}x\n${signed}`), SyntaxError);
});

test('no text makes the readers throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const candidate of [
        text,
        `${text}\n`,
        `${signed}${text}`,
        text + signed,
        `${text}\n\n— ${text} ${text}\n`,
      ]) {
        const note = parseNote(candidate);
        if (note !== undefined) parseCheckpoint(note.text);
        parseVerifier(candidate);
        splitNotes(candidate);
      }
    }),
  );
});
