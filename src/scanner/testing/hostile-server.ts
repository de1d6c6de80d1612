import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { randomFrom } from '../generate/random.ts';
import { type ReadRequest, RequestReader } from './request-reader.ts';

/** A request to a hostile server. */
export interface HostileRequest extends ReadRequest {
  /** Counts from 1 over all connections. */
  readonly count: number;
}

/** What a hostile server does with one request: anything that a socket can do. */
export type Behaviour = (request: HostileRequest, socket: Socket, random: () => number) => void;

export interface HostileServer {
  readonly base: URL;
  readonly port: number;
  /** Requests that came. */
  readonly requests: number;
  /** Connections that came. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1 and treats each request as `behaviour` says. Its memory does not grow with what
 * it is sent: it can stand a whole scan.
 *
 * @param seed of the numbers that behaviours ask for: of the request's number alone
 */
export async function hostileServer(behaviour: Behaviour, seed = 1): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const reader = new RequestReader(
      (request) => {
        requests++;
        if (socket.writable) behaviour({ ...request, count: requests }, socket, randomFrom(seed, String(requests)));
      },
      (status) => void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
    );
    socket.on('data', (chunk: Buffer) => reader.read(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    base: new URL(`http://127.0.0.1:${port}/`),
    port,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
