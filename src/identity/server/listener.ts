import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { ServerSettings } from './settings.ts';

const HEADER_BYTES = 16_384;
const HEADER_TIME = 10_000;
const REQUEST_TIME = 20_000;
const IDLE = 10_000;
const CONNECTIONS = 2_000;
const CONNECTIONS_PER_ADDRESS = 100;
const REQUESTS_PER_CONNECTION = 1_000;

/** Where the authorization server listens. */
export interface ServerListener {
  readonly port: number;
  setSecureContext(options: SecureContextOptions): void;
  /** Takes no new connections, and ends those that are idle. */
  stop(): void;
  destroy(): void;
}

/**
 * Opens the listener: HTTP/1.1, by the gate's certificate.
 * @param tls undefined where the gate serves without TLS (loopback only)
 * @param port instead of the configured one: workers share it
 * @throws Error with place and mend
 */
export async function openServerListener(
  settings: Pick<ServerSettings, 'host' | 'port'>,
  tls: TlsOptions | undefined,
  handle: RequestListener,
): Promise<ServerListener> {
  const http: ServerOptions = {
    insecureHTTPParser: false,
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: HEADER_TIME,
    requestTimeout: REQUEST_TIME,
    keepAliveTimeout: IDLE,
    connectionsCheckingInterval: 1_000,
    joinDuplicateHeaders: false,
    noDelay: true,
  };
  const server: Server | TlsServer =
    tls === undefined
      ? createServer(http, handle)
      : createTlsServer({ ...http, ...tls, ALPNProtocols: ['http/1.1'], handshakeTimeout: HEADER_TIME }, handle);
  server.maxConnections = CONNECTIONS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  const sockets = new Set<Socket>();
  const perAddress = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (perAddress.get(address) ?? 0) + 1;
    if (count > CONNECTIONS_PER_ADDRESS) {
      socket.destroy();
      return;
    }
    perAddress.set(address, count);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (count > 0) {
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left === 0) perAddress.delete(address);
        else perAddress.set(address, left);
      }
    });
  });
  await listen(server, settings);
  return {
    port: (server.address() as AddressInfo).port,
    setSecureContext: (options) => {
      if (tls !== undefined) (server as TlsServer).setSecureContext(options);
    },
    stop: () => {
      server.close();
      server.closeIdleConnections();
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, { host, port }: Pick<ServerSettings, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      reject(
        new Error(
          `the authorization server cannot listen on ${host}:${port} (${error.code}): choose another port with identity.server.port, or switch it off with identity.server.enabled`,
        ),
      );
    server.once('error', failed);
    server.listen({ host, port, backlog: 256, reusePort: process.env['PORTCULLIS_WORKER'] !== undefined }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** Headers that a proxy would write; here nobody but the server itself does. */
const FORWARDED = /^(?:forwarded|x-forwarded-.*|x-real-ip|x-http-method-override)$/;

/**
 * Makes the request what its issuer is reached by: everything that the metadata name is made from these headers, and nobody
 * who writes others may change it.
 */
export function pinOrigin(req: IncomingMessage, issuer: URL): void {
  for (const name of Object.keys(req.headers)) if (FORWARDED.test(name)) delete req.headers[name];
  req.headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1);
  req.headers['x-forwarded-host'] = issuer.host;
}
