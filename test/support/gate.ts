import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { createKey, type NewKey } from '../../src/identity/keys.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { cli, Program, scratch } from './program.ts';

export interface TestContext {
  after(work: () => unknown): void;
}

/** An upstream of the test's own; what it was sent stands in `seen`. */
export interface Upstream {
  readonly url: string;
  readonly seen: {
    method: string;
    url: string;
    headers: IncomingMessage['headers'];
    rawHeaders: string[];
    body: string;
  }[];
}

/** Starts an HTTP server as upstream. `answer` decides what it says; the body has been read by then. */
export async function upstream(
  context: TestContext,
  answer: (req: IncomingMessage & { body: string }, res: Parameters<RequestListener>[1]) => void,
): Promise<Upstream> {
  const seen: Upstream['seen'] = [];
  const server: Server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      seen.push({
        method: req.method ?? '',
        url: req.url ?? '',
        headers: req.headers,
        rawHeaders: req.rawHeaders,
        body,
      });
      answer(Object.assign(req, { body }), res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export interface GateUnderTest {
  readonly directory: string;
  readonly config: string;
  readonly program: Program;
  readonly port: number;
  readonly adminPort: number;
  readonly ca: Buffer;
  /** Makes a key while the gate runs. @returns the secret */
  key(given: NewKey): string;
  send(path: string, options?: SendOptions): Promise<Reply>;
  /** Sends bytes over TLS and gives everything that comes back until the connection ends or is quiet. */
  raw(bytes: string | Buffer, options?: { until?: RegExp }): Promise<string>;
  cli(...args: string[]): ReturnType<typeof cli>;
  /** Asks the admin listener, with its token unless told otherwise. */
  admin(method: string, path: string, options?: SendOptions & { token?: string | null }): Promise<Reply>;
  /** Rewrites the configuration file: keys of the top level are replaced. */
  configure(change: Record<string, unknown>): void;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

/** Starts the real program on a configuration; ends it after the test. */
export async function startGate(
  context: TestContext,
  configuration: Record<string, unknown>,
  files: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<GateUnderTest> {
  const directory = scratch(context as never);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const complete = {
    data: 'data',
    ...configuration,
    listen: { port: 0, ...(configuration['listen'] as object | undefined) },
    admin: { port: 0, ...(configuration['admin'] as object | undefined) },
  };
  mkdirSync(join(directory, 'data'), { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'portcullis.yaml'), JSON.stringify(complete, null, 2));
  return await startAgain(context, directory, args);
}

/** Starts the program on a directory that `startGate` has made before. */
export async function startAgain(
  context: TestContext,
  directory: string,
  args: readonly string[] = [],
): Promise<GateUnderTest> {
  const config = join(directory, 'portcullis.yaml');
  const program = new Program('src/cli/main.ts', ['--config', config, 'start', ...args], { cwd: directory });
  context.after(() => program.stop('SIGKILL'));
  // The last of the lines: what stands before it has been printed then.
  const adminPort = Number((await program.printed(/^admin\s+http:\/\/127\.0\.0\.1:(\d+)/m))[1]);
  const port = Number(/^gate\s+https?:\/\/localhost:(\d+)/m.exec(program.stdout)?.[1]);
  const caFile = (/^CA\s+(.+)$/m.exec(program.stdout)?.[1] ?? '').trim();
  const ca = existsSync(caFile) ? readFileSync(caFile) : Buffer.alloc(0);
  const store = <T>(work: (store: ReturnType<typeof openStore>) => T): T => {
    const opened = openStore(join(directory, 'data', 'store.db'));
    try {
      return work(opened);
    } finally {
      opened.close();
    }
  };
  return {
    directory,
    config,
    program,
    port,
    adminPort,
    ca,
    key: (given) => store((opened) => createKey(opened, systemClock, given).secret),
    send: (path, options) => send(port, ca, path, options),
    raw: (bytes, options) => raw(port, ca, bytes, options?.until),
    cli: (...list) => cli(['--config', config, ...list], { cwd: directory }),
    admin: (method, path, { token, headers, body } = {}) => {
      const sent = token === undefined ? readFileSync(join(directory, 'data', 'admin.token'), 'utf8').trim() : token;
      return adminRequest(adminPort, method, path, {
        headers: { ...(sent === null ? {} : { authorization: `Bearer ${sent}` }), ...headers },
        body,
      });
    },
    configure: (change) => {
      const now = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>;
      writeFileSync(config, JSON.stringify({ ...now, ...change }, null, 2));
    },
  };
}

function adminRequest(
  port: number,
  method: string,
  path: string,
  { headers, body }: { headers: SendOptions['headers']; body: SendOptions['body'] | undefined },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) =>
      collect(res, resolve, reject),
    );
    req.on('error', reject);
    req.end(body);
  });
}

function collect(res: IncomingMessage, resolve: (reply: Reply) => void, reject: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  res.on('data', (chunk: Buffer) => chunks.push(chunk));
  res.on('error', reject);
  res.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: () => JSON.parse(text) });
  });
}

/** An upstream that speaks bytes: `talk` gets each connection with the request that came on it. */
export async function rawUpstream(
  context: TestContext,
  talk: (socket: Socket, request: string) => void,
): Promise<{ readonly url: string; readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const request = text;
      text = '';
      talk(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

/** One request over real TLS, verified against the development CA, on a connection of its own. */
export function send(
  port: number,
  ca: Buffer,
  path: string,
  { method = 'GET', headers = {}, body }: SendOptions = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        ca,
        path,
        method,
        headers: { host: `localhost:${port}`, ...headers },
        agent: false,
      },
      (res) => collect(res, resolve, reject),
    );
    req.on('error', reject);
    req.end(body);
  });
}

function raw(port: number, ca: Buffer, bytes: string | Buffer, until?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = tlsConnect(
      { host: '127.0.0.1', port, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] },
      () => socket.write(bytes),
    );
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until?.test(text)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
    socket.on('close', () => resolve(text));
  });
}
