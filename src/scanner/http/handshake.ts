import { connect, type SecureVersion } from 'node:tls';
import { hostOf, tlsOptions } from './dial.ts';
import type { Stop } from './life.ts';
import { factsOf, type TlsFacts } from './tls-facts.ts';

/** Terms of a handshake. */
export interface HandshakeOptions {
  /** Only protocols from ... to ...; default: all that the library speaks, from TLS 1.0. */
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** OpenSSL's list: `DES-CBC3-SHA`; default: its default list, weak keys and signatures allowed. */
  readonly ciphers?: string;
  /** Name that is asked for; default: the host's. */
  readonly servername?: string;
  /** Protocols offered by ALPN; default `http/1.1`. */
  readonly alpn?: readonly string[];
}

export type Handshake =
  | { readonly facts: TlsFacts }
  /**
   * `own`: this machine's library does not offer what was asked for, so nothing is known; `refused`: no connection;
   * `rejected`: the server does not agree; `timeout`.
   */
  | { readonly failure: 'own' | 'refused' | 'rejected' | 'timeout' | 'stopped'; readonly reason: string };

/** Error codes by which the own library says that it cannot, before anything is sent. */
const OWN =
  /^ERR_(?:TLS_INVALID|TLS_PROTOCOL_VERSION_CONFLICT|SSL_NO_(?:CIPHERS_AVAILABLE|PROTOCOLS_AVAILABLE|CIPHER_MATCH|SUPPORTED_VERSIONS_ENABLED))/;

/** Makes one handshake with the host of `base` on a connection of its own, and closes it. Never rejects. */
export function handshake(
  base: URL,
  ca: string | undefined,
  options: HandshakeOptions,
  stop: Stop,
  timeout: number,
): Promise<Handshake> {
  return new Promise((resolve) => {
    if (stop.stopped) return resolve({ failure: 'stopped', reason: 'the scan ended' });
    let connected = false;
    let socket: ReturnType<typeof connect>;
    try {
      socket = connect({
        ...tlsOptions(base, ca),
        minVersion: options.minVersion ?? 'TLSv1',
        ...(options.maxVersion ? { maxVersion: options.maxVersion } : {}),
        ciphers: `${options.ciphers ?? 'DEFAULT'}:@SECLEVEL=0`,
        ...(options.servername ? { servername: options.servername } : {}),
        ...(options.alpn ? { ALPNProtocols: [...options.alpn] } : {}),
      });
    } catch (error) {
      return resolve({ failure: 'own', reason: (error as Error).message });
    }
    const settle = (result: Handshake): void => {
      clearTimeout(timer);
      off();
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => settle({ failure: 'timeout', reason: `${hostOf(base)} did not answer in time` }),
      timeout,
    );
    const off = stop.on(() => settle({ failure: 'stopped', reason: 'the scan ended' }));
    socket.once('connect', () => {
      connected = true;
    });
    socket.once('secureConnect', () => settle({ facts: factsOf(socket) }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const failure = OWN.test(error.code ?? '') ? 'own' : connected ? 'rejected' : 'refused';
      settle({ failure, reason: error.code ?? error.message });
    });
    socket.once('close', () => settle({ failure: connected ? 'rejected' : 'refused', reason: 'closed' }));
  });
}
