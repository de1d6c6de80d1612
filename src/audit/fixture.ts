/** Helpers of the room's tests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Operation } from '../contract/model.ts';
import { type CanonicalRequest, Exchange, type Peer } from '../gateway/exchange.ts';
import { systemClock } from '../shared/clock.ts';
import { type AuditLog, openAuditLog } from './log.ts';
import { listSegments } from './segments.ts';
import { type AuditSettings, settings } from './settings.ts';

/** A directory that is gone after the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-audit-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const operation = {
  key: 'GET /patients/{id}',
  operationId: 'getPatient',
  method: 'GET',
  template: '/patients/{id}',
} as Operation;

export const peer: Peer = { address: '203.0.113.7', socket: '203.0.113.7', secure: true, tls: 'TLSv1.3' };

let count = 0;

/** An exchange as it is at its end: patient `n` was read by a nurse. */
export function exchange(
  n: number,
  parts: Partial<CanonicalRequest> = {},
  from: Peer = peer,
  time = Date.now(),
): Exchange {
  const request: CanonicalRequest = {
    method: 'GET',
    version: '2.0',
    host: 'localhost',
    authority: 'localhost:8443',
    path: `/patients/${n}`,
    segments: ['patients', String(n)],
    query: '',
    headers: Object.assign(Object.create(null), { 'user-agent': 'test/1' }),
    ...parts,
  };
  const made = new Exchange(`X${String(++count).padStart(25, '0')}`, time, performance.now(), from, request);
  made.operation = operation;
  made.principal = {
    kind: 'key',
    id: `nurse-${n % 7}`,
    roles: ['nurse'],
    scopes: [],
    claims: {},
    credential: { scheme: 'key', id: `cred-${n % 7}`, binding: 'none' },
  };
  made.answer = { status: 200, headers: {}, mediaType: '', mode: 'none', bytes: undefined, value: undefined };
  made.timings.push(0.01, 0.02, Number.NaN, 0.03);
  made.disclosed.objects.push(`patient:${n}`);
  return made;
}

export interface OpenOptions {
  readonly slot?: string;
  readonly settings?: Partial<Record<keyof AuditSettings, unknown>>;
  readonly clock?: typeof systemClock;
}

export const open = (directory: string, options: OpenOptions = {}): Promise<AuditLog> =>
  openAuditLog({
    directory,
    slot: options.slot ?? '0',
    settings: settings.parse({ ...options.settings }),
    clock: options.clock ?? systemClock,
    origin: 'gate.example/audit',
  });

/** Writes a log of `records` exchanges and closes it; ids by index of the exchange. */
export async function writeLog(directory: string, records: number, options: OpenOptions = {}): Promise<string[]> {
  const log = await open(directory, options);
  const ids: string[] = [];
  for (let n = 0; n < records; n++) {
    const one = exchange(n);
    ids.push(one.id);
    const recorded = log.record(one);
    // Several batches, so that segments change where they should.
    if (n % 100 === 99) await recorded;
  }
  await log.close();
  return ids;
}

/** All lines of a log, in order. */
export async function allLines(logDirectory: string): Promise<string[]> {
  const lines: string[] = [];
  for (const segment of await listSegments(logDirectory)) lines.push(...linesOf(segment.path));
  return lines;
}

export const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

export const putLines = (path: string, lines: readonly string[]): void =>
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
