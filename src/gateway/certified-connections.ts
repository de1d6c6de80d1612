import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts';

/** The certificate is kept on the socket itself: requests of HTTP/2 see that through a stand-in that passes reads on. */
const CERTIFICATE = Symbol('client certificate');

interface Certified extends TLSSocket {
  [CERTIFICATE]?: Held;
}

interface Held {
  readonly certificate: ClientCertificate;
  running: number;
  outdated: boolean;
  session: ServerHttp2Session | undefined;
}

const heldBy = (socket: Socket): Held | undefined => (socket as Certified)[CERTIFICATE];

/** The client certificate of a connection; only TLS puts it there, never a header. */
export const certificateOf = (socket: Socket): ClientCertificate | undefined => heldBy(socket)?.certificate;

/** Connections whose clients have shown a certificate: they end when CAs or revocation lists change. */
export class CertifiedConnections {
  readonly #sockets = new Set<Certified>();

  /** To be called when a handshake has ended, before anything is read. */
  admit(socket: TLSSocket): void {
    const certificate = readClientCertificate(socket);
    if (certificate === undefined) return;
    (socket as Certified)[CERTIFICATE] = { certificate, running: 0, outdated: false, session: undefined };
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** A connection turned out to speak HTTP/2. */
  opened(session: ServerHttp2Session): void {
    const held = heldBy(session.socket as Socket);
    if (held !== undefined) held.session = session;
  }

  /** A request begins. */
  began(socket: Socket, response: { once(event: 'close', listener: () => void): unknown }): void {
    const held = heldBy(socket);
    if (held === undefined) return;
    held.running++;
    response.once('close', () => {
      held.running--;
      if (held.outdated && held.running === 0 && held.session === undefined) socket.destroy();
    });
  }

  /** What certificates are verified by has changed: what was verified before counts no more, and clients connect anew. */
  outdate(): void {
    for (const socket of this.#sockets) {
      const held = heldBy(socket) as Held;
      held.certificate.outdated();
      held.outdated = true;
      if (held.session !== undefined) held.session.close();
      else if (held.running === 0) socket.destroy();
    }
  }
}
