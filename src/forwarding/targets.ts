import type { ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { Pool } from 'undici';
import type { ForwardingSettings } from './settings.ts';

/** One upstream target with its pool and what is known of its health. */
export interface Target {
  readonly origin: string;
  readonly authority: string;
  /** Path of the upstream URL without trailing slash; set in front of every forwarded path. */
  readonly prefix: string;
  readonly pool: Pool;
  failures: number;
  /** Monotonic milliseconds until which the target is left out. */
  downUntil: number;
}

/** The targets of one upstream: round robin among those that are up; where none is, all of them are tried. */
export class Targets {
  readonly all: readonly Target[];
  readonly #settings: ForwardingSettings;
  readonly #timer: NodeJS.Timeout | undefined;
  #next = 0;

  /** @param urls `http:` or `https:` URLs, without credentials, query or fragment */
  constructor(urls: readonly string[], settings: ForwardingSettings, tls: TlsConnectOptions) {
    this.#settings = settings;
    this.all = urls.map((text) => makeTarget(new URL(text), settings, tls));
    if (settings.health.path !== undefined) {
      this.#timer = setInterval(() => void this.check(), settings.health.interval);
      this.#timer.unref();
    }
  }

  /** The next target that is up; `not` is passed over where there is another. */
  pick(not?: Target): Target {
    const now = performance.now();
    const count = this.all.length;
    for (let tries = 0; tries < count; tries++) {
      const target = this.all[this.#next++ % count] as Target;
      if (target !== not && target.downUntil <= now) return target;
    }
    return this.all.find((target) => target !== not) ?? (this.all[0] as Target);
  }

  /** A connection could not be made, or a check failed. */
  failed(target: Target): void {
    target.failures++;
    if (target.failures >= this.#settings.health.unhealthyAfter) {
      target.downUntil = performance.now() + this.#settings.health.cooldown;
    }
  }

  answered(target: Target): void {
    target.failures = 0;
    target.downUntil = 0;
  }

  /** Whether a target is up as far as is known. */
  get anyUp(): boolean {
    const now = performance.now();
    return this.all.some((target) => target.downUntil <= now);
  }

  /** Asks every target's health path once. */
  async check(): Promise<void> {
    const path = this.#settings.health.path;
    if (path === undefined) return;
    await Promise.all(
      this.all.map(async (target) => {
        try {
          const answer = await target.pool.request({
            path: target.prefix + path,
            method: 'GET',
            headersTimeout: 5000,
            bodyTimeout: 5000,
          });
          answer.body.on('error', () => {}).destroy();
          if (answer.statusCode < 500) this.answered(target);
          else this.failed(target);
        } catch {
          this.failed(target);
        }
      }),
    );
  }

  /** Lets running exchanges end, then closes all connections. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.all.map((target) => target.pool.close().catch(() => target.pool.destroy())));
  }
}

function makeTarget(url: URL, settings: ForwardingSettings, tls: TlsConnectOptions): Target {
  return {
    origin: url.origin,
    authority: url.host,
    prefix: url.pathname.replace(/\/+$/, ''),
    pool: new Pool(url.origin, {
      connections: settings.connections,
      pipelining: 1,
      connectTimeout: settings.connectTimeout,
      headersTimeout: settings.timeout,
      bodyTimeout: settings.idleTimeout,
      keepAliveTimeout: 4_000,
      connect: { ...tls, timeout: settings.connectTimeout },
    }),
    failures: 0,
    downUntil: 0,
  };
}
