import type { Socket } from 'node:net';
import type { Behaviour } from './hostile-server.ts';

/** Ways in which an API can treat a scanner badly: each one a whole server. None of them has a weakness to find. */

type Value = unknown;

/** Writes a whole answer with its length, and keeps the connection. */
export function answer(
  socket: Socket,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer = '',
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const none = status === 204 || status === 304 || status < 200;
  const head = `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}${none ? '' : `Content-Length: ${bytes.length}\r\n`}\r\n`;
  socket.write(none ? head : Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
}

export const json = (
  socket: Socket,
  status: number,
  value: Value,
  headers: Readonly<Record<string, string>> = {},
): void =>
  answer(socket, status, { 'Content-Type': 'application/json', ...SENSIBLE, ...headers }, JSON.stringify(value));

/** Headers of an API that is careful in this at least: what they are about is not what is tried here. */
const SENSIBLE = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };

const STATUSES = [
  200, 200, 200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 409, 415, 418, 422, 500, 502, 503,
];
const WORDS = ['id', 'name', 'value', 'items', 'data', 'user', 'total', 'next', 'status', 'list', 'owner', 'size'];
const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)] as T;

function someJson(random: () => number, depth = 0): Value {
  const kind = Math.floor(random() * (depth > 3 ? 6 : 9));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return Math.floor((random() - 0.3) * 1e6);
  if (kind === 3) return random() * 1e300;
  if (kind <= 5)
    return Array.from({ length: Math.floor(random() * 20) }, () =>
      pick([...'abc déf 中文 \u{1f600}<>&"\\/\n'], random),
    ).join('');
  const size = Math.floor(random() * 6);
  if (kind === 6) return Array.from({ length: size }, () => someJson(random, depth + 1));
  return Object.fromEntries(Array.from({ length: size }, () => [pick(WORDS, random), someJson(random, depth + 1)]));
}

const isHead = (method: string): boolean => method === 'HEAD';

/** Any status with any JSON, HTML, text or nothing: never the same twice. */
export const nonsense: Behaviour = ({ method }, socket, random) => {
  const status = pick(STATUSES, random);
  const kind = random();
  const headers: Record<string, string> = { ...SENSIBLE };
  if (status >= 300 && status < 400 && status !== 304)
    headers['Location'] = pick(['/', '/a/b?c=d', '//', '?', 'mailto:a'], random);
  let body: string;
  if (kind < 0.6) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(someJson(random));
  } else if (kind < 0.75) {
    headers['Content-Type'] = 'text/html; charset=utf-8';
    body = `<!doctype html><title>${Math.floor(random() * 1e9)}</title><p>Hello</p>`;
  } else if (kind < 0.9) {
    headers['Content-Type'] = pick(['application/xml', 'text/plain', 'image/png', 'nonsense', ';;;', ''], random);
    body = String(someJson(random));
  } else body = '';
  answer(socket, status, headers, isHead(method) ? '' : body);
};

/** 200 with any JSON, whatever was asked: a server that accepts everything and means nothing by it. */
export const agreeable: Behaviour = (_, socket, random) => json(socket, 200, someJson(random));

/** Bytes that are no HTTP. */
export const garbage: Behaviour = (_, socket, random) => {
  const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(random() * 256)));
  if (random() < 0.3) socket.write('HTTP/1.1 ');
  socket.end(bytes);
};

/** Closes the connection without a word. */
export const closing: Behaviour = (_, socket) => void socket.end();

/** Takes the request, and never says anything. */
export const mute: Behaviour = () => {};

/** A head, and a body that never ends. */
export const endless: Behaviour = (_, socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
  const piece = `4000\r\n${'[1,2,3],'.repeat(2_048)}\r\n`;
  const more = (): void => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', more);
  more();
};

/** A head, and then a byte now and then: alive, and never done. */
export const dripping: Behaviour = (_, socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n');
  const timer = setInterval(() => (socket.writable ? socket.write(' ') : clearInterval(timer)), 50);
  socket.on('close', () => clearInterval(timer));
};

const NEXT = new Map([
  ['/one', '/two'],
  ['/two', '/three'],
  ['/three', '/one'],
]);

/** Redirects in circles: to itself, and round three places. */
export const circles: Behaviour = ({ target }, socket) => {
  answer(socket, 302, { ...SENSIBLE, Location: NEXT.get(target) ?? (target.length % 2 === 0 ? '/one' : '') });
};

/** Says one encoding and sends another. */
export const encodings: Behaviour = ({ count }, socket) => {
  const text = '{"id":1,"name":"Zoë","items":[{"id":2},{"id":3}]}';
  const type = { 'Content-Type': 'application/json', ...SENSIBLE };
  switch (count % 7) {
    case 0:
      return answer(socket, 200, { ...type, 'Content-Encoding': 'gzip' }, text);
    case 1:
      return answer(
        socket,
        200,
        { ...type, 'Content-Type': 'application/json; charset=utf-16' },
        Buffer.from(`\ufeff${text}`, 'utf16le'),
      );
    case 2:
      return answer(socket, 200, type, Buffer.from(text, 'latin1'));
    case 3:
      return answer(
        socket,
        200,
        { ...type, 'Content-Encoding': 'br, br, br, gzip, deflate' },
        Buffer.from([1, 2, 3, 4]),
      );
    case 4:
      return answer(socket, 200, { ...type, 'Content-Encoding': 'nonsense' }, text);
    case 5:
      return answer(
        socket,
        200,
        { ...type, 'Content-Type': 'application/json; charset=no-such' },
        Buffer.from([0xff, 0xfe, 0, 0xd8, 0x7b]),
      );
    default:
      return answer(
        socket,
        200,
        { ...type, 'Content-Encoding': 'deflate' },
        Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
      );
  }
};

/** "Too many requests", always. */
export const limited: Behaviour = (_, socket) =>
  answer(socket, 429, { ...SENSIBLE, 'Content-Type': 'text/plain', 'Retry-After': '0' }, 'later');

/** "Too many requests" for the first ones, then as `fine` does. */
export const limitedAtFirst =
  (fine: Behaviour): Behaviour =>
  (request, socket, random) =>
    request.count <= 5
      ? answer(socket, 429, { ...SENSIBLE, 'Content-Type': 'text/plain', 'Retry-After': '0' }, 'later')
      : fine(request, socket, random);

/** Fine, until a hundred requests have come: from then on the same page for everything, as a firewall has it. */
export const banning =
  (fine: Behaviour): Behaviour =>
  (request, socket, random) =>
    request.count > 100
      ? answer(socket, 403, { ...SENSIBLE, 'Content-Type': 'text/html' }, `<h1>Blocked</h1><p>Ray ${request.count}</p>`)
      : fine(request, socket, random);

/** Half of the connections break: before the answer, or in the middle of it. */
export const resetting =
  (fine: Behaviour): Behaviour =>
  (request, socket, random) => {
    const luck = random();
    if (luck < 0.25) socket.resetAndDestroy();
    else if (luck < 0.5) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"id":', () =>
        socket.resetAndDestroy(),
      );
    } else fine(request, socket, random);
  };

/** Fine, until so many requests have come; then another way. */
export const turning =
  (fine: Behaviour, count: number, then: Behaviour): Behaviour =>
  (request, socket, random) =>
    (request.count > count ? then : fine)(request, socket, random);

/**
 * Every path answers something steady of another operation, or of another API. It asks for a token (`token-of-NAME`),
 * and is strict about methods, ids and parameters: it lies, and is no easy prey.
 */
export const lying: Behaviour = ({ method, target, headers }, socket) => {
  const [path = '', query] = target.split(/\?(.*)/s);
  if (!/^Bearer token-of-(alice|bob|robert)$/.test(headers.get('authorization') ?? ''))
    return json(socket, 401, { error: 'log in' }, { 'WWW-Authenticate': 'Bearer' });
  if (!/^(GET|HEAD|POST|PUT|DELETE)$/.test(method)) return json(socket, 405, { error: 'no' }, { Allow: 'GET, POST' });
  const id = path.split('/')[2];
  if (id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    return json(socket, 404, { error: 'no' });
  if (query !== undefined && !/^limit=[1-9]$/.test(query)) return json(socket, 400, { error: 'no' });
  const lies: readonly (() => void)[] = [
    () =>
      json(socket, 200, [
        { id: 1, amount: '12.50' },
        { id: 2, amount: null },
      ]),
    () => answer(socket, 200, { ...SENSIBLE, 'Content-Type': 'text/html' }, '<!doctype html><p>Welcome</p>'),
    () => json(socket, 200, { token: 17, items: { a: 'b' }, username: ['x'] }),
    () => json(socket, 404, { error: 'there is no such thing' }),
    () => answer(socket, 204, SENSIBLE),
    () => json(socket, 200, 'OK'),
  ];
  lies[[...(path.split('/')[1] ?? '')].reduce((sum, char) => sum + char.charCodeAt(0), 0) % lies.length]?.();
};

/** The same body always, and another status each time. */
export const fickle: Behaviour = (_, socket, random) =>
  json(socket, pick([200, 201, 400, 401, 403, 404, 409, 422, 500, 503], random), { id: 7, name: 'something' });

/** Answers everything with the same fine object. */
export const plain: Behaviour = ({ method }, socket) =>
  isHead(method)
    ? answer(socket, 200, { 'Content-Type': 'application/json', ...SENSIBLE })
    : json(socket, 200, { id: 7, name: 'something', items: [{ id: 7 }, { id: 8 }] });

/** Heads that no reader should be asked to read. */
export const heads: Behaviour = ({ count }, socket) => {
  switch (count % 6) {
    case 0:
      return void socket.end(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`);
    case 1:
      return void socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'a'.repeat(300_000)}\r\n\r\n{}`);
    case 2:
      return void socket.end(
        'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      );
    case 3:
      return void socket.end('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000));
    case 4:
      return void socket.end('HTTP/9.9 999999 \0\0\r\n: : :\r\n\r\n');
    default:
      return void socket.end(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{}',
      );
  }
};

/** JSON that is valid and hard to bear: deep, wide, or with names that objects have of their own. */
export const heavy: Behaviour = ({ count }, socket) => {
  const bodies = [
    '['.repeat(5_000) + ']'.repeat(5_000),
    `{"a":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`,
    `[${Array.from({ length: 20_000 }, (_, index) => `{"id":${index}}`).join()}]`,
    '{"__proto__":{"id":1},"constructor":{"prototype":{}},"toString":1,"hasOwnProperty":null,"length":-1}',
    `{"id":"${'a'.repeat(200_000)}"}`,
    '"just a text"',
    '1e999',
    '{"id":1,"id":2,"id":[]}',
  ];
  answer(socket, 200, { 'Content-Type': 'application/json', ...SENSIBLE }, bodies[count % bodies.length]);
};

export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  nonsense,
  agreeable,
  garbage,
  closing,
  mute,
  endless,
  dripping,
  circles,
  encodings,
  limited,
  lying,
  fickle,
  plain,
  heads,
  heavy,
};
