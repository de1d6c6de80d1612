import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server that speaks in bytes: for answers that no HTTP library would give. */
export interface TcpServer {
  readonly base: URL;
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: number;
  /** All bytes that came, by connection. */
  readonly received: readonly Buffer[];
  close(): Promise<void>;
}

/** What is done with a request: `count` counts them over all connections, `nth` on this one, both from 1. */
export type Answering = (socket: Socket, request: Buffer, count: number, nth: number) => void;

/**
 * Listens on a free port of 127.0.0.1. `answering` is called with each request (a head and a body of its
 * Content-Length; for anything else with each chunk of data).
 */
export async function tcpServer(answering: Answering, tls?: TlsOptions): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  let connections = 0;
  let count = 0;
  const onSocket = (socket: Socket): void => {
    const mine = connections++;
    let nth = 0;
    let waiting = Buffer.alloc(0);
    received[mine] = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received[mine] = Buffer.concat([received[mine] as Buffer, chunk]);
      waiting = Buffer.concat([waiting, chunk]);
      for (;;) {
        const end = waiting.indexOf('\r\n\r\n');
        if (end === -1) return;
        const length = /\r\ncontent-length: *(\d+)/i.exec(waiting.toString('latin1', 0, end))?.[1] ?? 0;
        const size = end + 4 + Number(length);
        if (waiting.length < size) return;
        const request = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        answering(socket, request, ++count, ++nth);
      }
    });
  };
  const server = tls ? createTlsServer(tls, onSocket) : createServer({ noDelay: true }, onSocket);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    base: new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`),
    port,
    get connections() {
      return connections;
    },
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
