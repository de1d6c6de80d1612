import { createServer, type Server as PlainServer, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer, type SecureServerOptions } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';
import { canonicalAddress } from '../shared/address.ts';
import { CertifiedConnections } from './certified-connections.ts';
import type { Expectation, Gate } from './gate.ts';
import type { Metrics } from './metrics.ts';
import type { Incoming, Outgoing } from './read-body.ts';
import type { ListenSettings } from './settings.ts';

/** Where the gate listens. */
export interface Listener {
  readonly port: number;
  /**
   * New certificates for new connections; live ones stay. No effect on a plain listener.
   * @param outdated what clients' certificates are verified by has changed: connections that have shown one end
   */
  setSecureContext(options: SecureContextOptions, outdated?: boolean): void;
  /** Takes no new connections; ends idle ones. */
  stop(): void;
  /** Ends what is left. */
  destroy(): void;
}

// Flags under which node's parser accepts what two readers read differently.
const LENIENT = /--insecure-http-parser|--max-http-header-size/;

/**
 * Opens the listener.
 * @param tls TLS options (`tlsOptions` of the encryption room); undefined for a plain listener on loopback
 * @throws Error with a message that names port and mend
 */
export async function openListener(
  gate: Gate,
  settings: ListenSettings,
  tls: TlsOptions | undefined,
  metrics: Metrics,
): Promise<Listener> {
  if (LENIENT.test(`${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`)) {
    throw new Error(
      'node runs with --insecure-http-parser or --max-http-header-size: take the flag out of the command line and NODE_OPTIONS',
    );
  }
  const http1: ServerOptions = {
    insecureHTTPParser: false,
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeout,
    // The whole request, body included; the body's own limit is counted by the gate from when it begins to read it.
    requestTimeout: settings.headersTimeout + settings.bodyTimeout,
    keepAliveTimeout: settings.idleTimeout,
    connectionsCheckingInterval: Math.min(1000, settings.headersTimeout),
    requireHostHeader: false,
    joinDuplicateHeaders: false,
    rejectNonStandardBodyWrites: true,
    noDelay: true,
  };
  const server = tls === undefined ? createServer(http1) : createSecureServer(http2Options(settings, tls, http1));
  const sockets = new Set<Socket>();
  configure(server as PlainServer, settings);
  const certified = tls?.requestCert === true ? certifiedConnections(server, metrics) : undefined;
  const events: readonly [string, Expectation][] = [
    ['request', 'none'],
    ['checkContinue', 'continue'],
    ['checkExpectation', 'unknown'],
  ];
  for (const [event, expectation] of events) {
    server.on(event, (req: Incoming, res: Outgoing) => {
      certified?.began(req.socket as Socket, res);
      gate.handle(req, res, expectation);
    });
  }
  (server as PlainServer).on('clientError', (error, socket) => gate.malformed(error, socket));
  server.on('sessionError', () => metrics.count('portcullis_http2_session_errors_total'));
  capConnections(server, settings, sockets, metrics);
  await listen(server, settings);
  return {
    port: (server.address() as AddressInfo).port,
    setSecureContext: (options, outdated) => {
      if (tls !== undefined) (server as Http2SecureServer).setSecureContext(options);
      if (outdated === true) certified?.outdate();
    },
    stop: () => {
      server.close();
      if ('closeIdleConnections' in server) (server as PlainServer).closeIdleConnections();
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function configure(server: PlainServer, settings: ListenSettings): void {
  server.maxHeadersCount = 0; // counted by the gate: node would drop the rest in silence
  server.maxRequestsPerSocket = settings.requestsPerConnection;
  server.headersTimeout = settings.headersTimeout;
  server.requestTimeout = settings.headersTimeout + settings.bodyTimeout;
  server.keepAliveTimeout = settings.idleTimeout;
  server.maxConnections = settings.connections;
}

function http2Options(settings: ListenSettings, tls: TlsOptions, http1: ServerOptions): SecureServerOptions {
  return {
    ...http1,
    ...(tls as SecureServerOptions),
    allowHTTP1: true,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: settings.headersTimeout,
    maxSessionMemory: 10,
    maxHeaderListPairs: settings.maxHeaders + 8,
    maxSettings: 16,
    maxOutstandingPings: 10,
    maxSessionInvalidFrames: 50,
    maxSessionRejectedStreams: 50,
    streamResetBurst: 200,
    streamResetRate: 33,
    unknownProtocolTimeout: 1000,
    settings: {
      enablePush: false,
      maxConcurrentStreams: settings.streams,
      initialWindowSize: 65_535,
      maxHeaderListSize: settings.maxHeaderBytes,
    },
  };
}

/** Looks at the certificate of each client as its handshake ends, before the first byte of a request. */
function certifiedConnections(server: Server, metrics: Metrics): CertifiedConnections {
  const certified = new CertifiedConnections();
  server.prependListener('secureConnection', (socket: TLSSocket) => certified.admit(socket));
  server.on('session', (session) => certified.opened(session));
  server.on('tlsClientError', (_error, socket: TLSSocket) => {
    const reason = socket.authorizationError as unknown;
    if (reason) metrics.count('portcullis_client_certificates_refused_total', { reason: String(reason) });
  });
  return certified;
}

/** Counts connections by address at the TCP level, before TLS costs anything. */
function capConnections(server: Server, settings: ListenSettings, sockets: Set<Socket>, metrics: Metrics): void {
  const perAddress = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = canonicalAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const count = (perAddress.get(address) ?? 0) + 1;
    if (count > settings.connectionsPerAddress) {
      metrics.count('portcullis_connections_refused_total', { reason: 'address' });
      socket.destroy();
      return;
    }
    perAddress.set(address, count);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
    });
  });
  server.on('drop', () => metrics.count('portcullis_connections_refused_total', { reason: 'total' }));
  const quiet = settings.idleTimeout + settings.bodyTimeout;
  server.on('secureConnection', (socket: Socket) => socket.setTimeout(quiet, () => socket.destroy()));
  server.on('session', (session) => session.setTimeout(settings.idleTimeout, () => session.close()));
}

function listen(server: Server, settings: ListenSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const mend =
        error.code === 'EADDRINUSE'
          ? 'another program listens there: stop it, or choose another port (listen.port, --port)'
          : error.code === 'EACCES'
            ? 'ports below 1024 need a privilege: choose a higher one (listen.port, --port)'
            : 'check listen.host and listen.port';
      reject(new Error(`cannot listen on ${settings.host}:${settings.port} (${error.code}): ${mend}`));
    };
    server.once('error', failed);
    server.listen(
      {
        port: settings.port,
        host: settings.host,
        backlog: 1024,
        reusePort: process.env['PORTCULLIS_WORKER'] !== undefined,
      },
      () => {
        server.off('error', failed);
        resolve();
      },
    );
  });
}
