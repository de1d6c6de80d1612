import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { inRange, parseAddress } from '../../shared/address.ts';
import type { Failure } from '../model/exchange.ts';
import type { Life, Stop } from './life.ts';
import { factsOf, type TlsFacts } from './tls-facts.ts';

export interface DialOptions {
  readonly base: URL;
  /** PEM of the authorities trusted in place of the system's. */
  readonly ca?: string | undefined;
  /** Certificates are not verified, wherever the host is. */
  readonly insecure?: boolean | undefined;
  readonly stop: Stop;
  note(text: string): void;
}

/** Why there is no connection. */
export interface NoConnection {
  readonly failure: Failure;
}

/** Shortages of this machine, not of the API: waited out. */
const OWN_SHORTAGE = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'EAGAIN']);
const SHORTAGE_PAUSE = 100;
/** All that the library speaks: an API with old protocols is to be scanned, and the transport checks say what it speaks. */
const ANY_PROTOCOL: ConnectionOptions = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };

/** Host name as sockets want it: IPv6 addresses without brackets. */
export const hostOf = (base: URL): string => base.hostname.replace(/^\[|\]$/g, '');
export const portOf = (base: URL): number => Number(base.port) || (base.protocol === 'https:' ? 443 : 80);

/** Whether the host is this machine, by its name or address alone. */
export function isLoopback(base: URL): boolean {
  const host = hostOf(base);
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = parseAddress(host);
  return address !== undefined && (inRange(address, '127.0.0.0/8') || inRange(address, '::1/128'));
}

/** What a TLS handshake with the host takes; the certificate is judged afterwards, so that its facts are always known. */
export function tlsOptions(base: URL, ca: string | undefined): ConnectionOptions {
  const host = hostOf(base);
  return {
    host,
    port: portOf(base),
    ...(parseAddress(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
  };
}

/**
 * Opens connections to the one host and port of `base`. There is no other way in this folder to a socket of the
 * scanner's: whatever a request, a redirect or a document says, nobody else is called.
 */
export class Dialer {
  readonly #options: DialOptions;
  readonly #verify: boolean;
  /** The address that answered last: names are not resolved anew for each connection. */
  #address: string | undefined;
  #session: Buffer | undefined;

  /** Facts of the last handshake; undefined before it and in plain HTTP. */
  facts: TlsFacts | undefined;

  constructor(options: DialOptions) {
    this.#options = options;
    this.#verify = !options.insecure && !isLoopback(options.base);
  }

  /**
   * Connects, handshake and all, or says why not; ends with `life`. Never rejects.
   * @param plain without TLS, whatever the base says
   */
  async dial(life: Life, plain = false): Promise<Socket | NoConnection> {
    for (;;) {
      if (life.ended) return { failure: life.ended };
      const socket = await this.#once(life, plain);
      if (typeof socket !== 'string') return socket;
      if (!OWN_SHORTAGE.has(socket)) return { failure: 'refused' };
      await this.#options.stop.sleep(SHORTAGE_PAUSE);
    }
  }

  /** @returns the error's code where there is no connection at all */
  #once(life: Life, plain: boolean): Promise<Socket | NoConnection | string> {
    const { base, ca } = this.#options;
    const secure = base.protocol === 'https:' && !plain;
    const to = { host: this.#address ?? hostOf(base), port: portOf(base) };
    return new Promise((resolve) => {
      const socket = secure
        ? connectTls({
            ...ANY_PROTOCOL,
            ...tlsOptions(base, ca),
            ...to,
            ...(this.#session ? { session: this.#session } : {}),
          })
        : connect(to);
      let connected = false;
      let settled = false;
      const settle = (result: Socket | NoConnection | string): void => {
        if (settled) return;
        settled = true;
        life.listener = undefined;
        socket.removeListener('close', closed);
        if (result !== socket) socket.destroy();
        resolve(result);
      };
      socket.setNoDelay(true);
      // Stays for as long as the socket: an error without a listener would end the process.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (!connected) {
          this.#address = undefined;
          settle(error.code ?? 'unknown');
        } else settle({ failure: 'tls' });
      });
      const closed = (): void => settle(connected ? { failure: 'tls' } : 'closed');
      socket.once('close', closed);
      socket.once('connect', () => {
        connected = true;
        this.#address = socket.remoteAddress;
        if (!secure) settle(socket);
      });
      if (secure) {
        const tls = socket as TLSSocket;
        tls.on('session', (session: Buffer) => {
          if (!this.#verify || tls.authorized) this.#session = session;
        });
        tls.once('secureConnect', () => settle(this.#judged(tls)));
      }
      life.listener = (failure) => settle({ failure });
    });
  }

  #judged(socket: TLSSocket): Socket | NoConnection {
    if (!socket.isSessionReused() || !this.facts) this.facts = factsOf(socket);
    if (!this.#verify || socket.authorized) return socket;
    const why = this.facts.authorizationError ?? 'not trusted';
    this.#options.note(
      `the certificate of ${this.#options.base.host} is not trusted (${why}): nothing was sent; name its authority with --ca, or say --insecure`,
    );
    return { failure: 'tls' };
  }
}
