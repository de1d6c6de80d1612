import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Authority } from '../../test/support/pki.ts';
import type { AuditEvent } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { keepClientTrust } from './client-trust.ts';
import { endOfList, readLists } from './revocation-list.ts';
import { settings } from './settings.ts';
import { newTicketKeys, tlsOptions } from './tls.ts';

const root = new Authority('root');
const DAY = 86_400_000;
let directory: string;
let events: AuditEvent[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-trust-'));
  events = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string | Buffer): void => writeFileSync(join(directory, name), text);
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const keep = (given: Record<string, unknown>) =>
  keepClientTrust(settings.parse({ clients: given }).clients as never, {
    baseDirectory: directory,
    clock,
    event: (event) => void events.push(event),
  });
const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

test('reads CAs and lists, follows changes, and keeps the former where new ones are bad', () => {
  write('ca.pem', root.cert);
  write('ca.crl', root.list());
  const trust = keep({ ca: 'ca.pem', crl: ['ca.crl'] });
  try {
    let changes = 0;
    trust.onChange(() => changes++);
    const { digest } = trust.current;
    assert.equal(trust.check(), false);
    write('ca.crl', 'nothing');
    assert.equal(trust.check(), false);
    assert.equal(trust.check(), false);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['encryption/clients-refused'],
      'told once',
    );
    assert.equal(trust.current.digest, digest);
    write('ca.crl', root.list([root.issue()]));
    assert.equal(trust.check(), true);
    assert.equal(changes, 1);
    assert.notEqual(trust.current.digest, digest);
  } finally {
    trust.close();
  }
});

test('files that cannot be used are a LoadError with a mend', () => {
  const intermediate = new Authority('intermediate', root);
  const bad: [string, string][] = [
    ['', ''],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', ''],
    [root.issue().cert, ''],
    [intermediate.cert, ''],
    [root.cert, '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----'],
  ];
  for (const [ca, crl] of bad) {
    write('ca.pem', ca);
    write('ca.crl', crl);
    assert.throws(
      () => keep(crl === '' ? { ca: 'ca.pem' } : { ca: 'ca.pem', crl: 'ca.crl' }),
      LoadError,
      ca.slice(0, 60),
    );
  }
  assert.throws(() => keep({ ca: 'missing.pem' }), /missing\.pem: cannot be read \(ENOENT\)/);
  write('ca.pem', intermediate.cert);
  write('root.pem', root.cert);
  keep({ ca: ['ca.pem', 'root.pem'] }).close();
});

test('a list in DER, and when lists end', () => {
  const ends = Math.floor((Date.now() + DAY) / 1000) * 1000;
  const list = root.list([root.issue(), root.issue()], { ends });
  assert.deepEqual(readLists(der(list)), [list]);
  assert.deepEqual(readLists(Buffer.from(list + list)), [list, list]);
  assert.equal(endOfList(list), ends);
  const far = Date.UTC(2055, 0, 1);
  assert.equal(endOfList(root.list([], { ends: far })), far, 'GeneralizedTime');
  assert.equal(endOfList('-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----'), undefined);
  assert.deepEqual(readLists(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])), []);
});

test('what has ended is told', () => {
  write('ca.pem', root.cert);
  write('ca.crl', root.list([], { ends: Date.now() - DAY }));
  const trust = keep({ ca: 'ca.pem', crl: 'ca.crl' });
  trust.close();
  assert.deepEqual(
    trust.findings.map(({ rule }) => rule),
    ['encryption/clients-crl-ended'],
  );
});

test('tickets of sessions end with what their certificates were verified by, alike in all workers', () => {
  const keys = newTicketKeys();
  const own = { cert: root.cert, key: '' };
  const all = settings.parse({});
  const trust = { mode: 'request' as const, ca: [root.cert], crl: undefined, digest: 'a' };
  const ticketKeys = (given?: typeof trust) => (tlsOptions(all, own, keys, given).ticketKeys as Buffer).toString('hex');
  assert.equal(ticketKeys(), keys.toString('hex'));
  assert.equal(ticketKeys(trust), ticketKeys({ ...trust }));
  assert.equal(ticketKeys(trust).length, 96);
  assert.equal(new Set([ticketKeys(), ticketKeys(trust), ticketKeys({ ...trust, digest: 'b' })]).size, 3);
  assert.equal(tlsOptions(all, own, keys).requestCert, false);
  assert.deepEqual(
    (['request', 'require'] as const).map((mode) => tlsOptions(all, own, keys, { ...trust, mode }).rejectUnauthorized),
    [false, true],
  );
});
