import { gzipSync } from 'node:zlib';
import type { Attacks } from './target.ts';

/** HTTP itself, and how much of it. */
export const protocol = {
  'unknown-methods': async (clinic) => {
    const purged = await clinic.ask('PURGE', '/patients/3', { as: 'lucia.ferreira' });
    const invented = await clinic.raw('FOO /patients/3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    return [purged.status === 200, invented.startsWith('HTTP/1.1 200')];
  },
  'cors-any': async (clinic) => {
    const origin = 'https://evil.example';
    const simple = await clinic.ask('GET', '/health', { headers: { origin } });
    const preflight = await clinic.ask('OPTIONS', '/patients/2', {
      headers: { origin, 'access-control-request-method': 'DELETE' },
    });
    return [simple, preflight].map(({ headers }) => headers.get('access-control-allow-origin') === origin);
  },
  'trace-method': async (clinic) => {
    const token = await clinic.token('lucia.ferreira');
    const answer = await clinic.raw(
      `TRACE /patients/3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    return [answer.startsWith('HTTP/1.1 200') && answer.split('\r\n\r\n').slice(1).join().includes(token)];
  },
  'cacheable-private': async (clinic) => {
    const { headers } = await clinic.ask('GET', '/patients/3', { as: 'lucia.ferreira' });
    return [/public|max-age=[1-9]/.test(headers.get('cache-control') ?? '')];
  },
  'no-security-headers': async (clinic) => {
    const { headers } = await clinic.ask('GET', '/help?topic=booking');
    return ['x-content-type-options', 'content-security-policy', 'x-frame-options'].map((name) => !headers.has(name));
  },
  'no-rate-limit': async (clinic) => {
    const { headers } = await clinic.ask('GET', '/health');
    const exports = await Promise.all(
      Array.from({ length: 200 }, () => clinic.ask('GET', '/export/patients', { as: 'arthur.quinn' })),
    );
    return [!headers.has('ratelimit'), exports.every(({ status }) => status === 200)];
  },
  'gzip-bomb': async (clinic) => {
    const raw = new Uint8Array(gzipSync(JSON.stringify({ username: 'x', password: 'x'.repeat(16 * 1024 * 1024) })));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const { status } = await clinic.ask('POST', '/login', { headers, raw });
    return [status !== 413 && status !== 415];
  },
  'deep-json': async (clinic) => {
    const raw = `{"username":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const headers = { 'content-type': 'application/json' };
    return [(await clinic.ask('POST', '/login', { headers, raw })).status === 500];
  },
  'content-type-confusion': async (clinic) => {
    const raw = JSON.stringify({ patientId: 3, text: 'Sent by a form of another site.' });
    const headers = { 'content-type': 'text/plain' };
    return [(await clinic.ask('POST', '/notes', { as: 'nils.hofmann', headers, raw })).status === 201];
  },
} satisfies Partial<Attacks>;
