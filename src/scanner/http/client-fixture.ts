import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'node:test';
import type { Exchange, ScanRequest } from '../model/exchange.ts';
import { type Answering, type TcpServer, tcpServer } from '../testing/tcp-server.ts';
import { type ClientOptions, createClient, type ScannerClient } from './client.ts';

/** For the tests of the client: servers and clients that end with their test. */

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

export const get = (target = '/', headers: ScanRequest['headers'] = []): ScanRequest => ({
  method: 'GET',
  target,
  headers,
});

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

export interface Setup {
  readonly client: ScannerClient;
  readonly seen: Exchange[];
  readonly notes: string[];
  readonly stop: AbortController;
}

export function clientFor(base: URL, options: Partial<ClientOptions> = {}): Setup {
  const seen: Exchange[] = [];
  const notes: string[] = [];
  const stop = new AbortController();
  const client = createClient({
    base,
    concurrency: 4,
    timeout: 5_000,
    signal: stop.signal,
    observe: (exchange) => void seen.push(exchange),
    note: (text) => void notes.push(text),
    ...options,
  });
  ended.push(() => client.close());
  return { client, seen, notes, stop };
}

/** A server that answers in bytes. */
export async function tcp(answering: Answering): Promise<TcpServer> {
  const server = await tcpServer(answering);
  ended.push(() => server.close());
  return server;
}

/** A server of the library. */
export async function http(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ended.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
