/** What the tests of this room share: a clock that is moved by hand, services in memory, exchanges. */
import type { Operation } from '../contract/model.ts';
import { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Stage, Stages } from '../gateway/room.ts';
import type { AuditEvent, Services } from '../gateway/services.ts';
import type { Counters } from '../storage/counters.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { memoryStore } from '../storage/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { settings } from './settings.ts';
import { throttling } from './throttling.ts';

export class HandClock {
  wall = Date.UTC(2026, 10, 23, 12);
  time = 1_000;
  now(): number {
    return this.wall;
  }
  monotonic(): number {
    return this.time;
  }
  pass(ms: number): void {
    this.wall += ms;
    this.time += ms;
  }
}

export interface TestServices extends Services {
  readonly clock: HandClock;
  readonly events: AuditEvent[];
  readonly counted: Map<string, number>;
}

export function servicesAt(
  dataDirectory: string,
  clock = new HandClock(),
  counters?: Counters,
  store: Store = memoryStore(),
): TestServices {
  const kept = new Map<string, unknown>();
  const events: AuditEvent[] = [];
  const counted = new Map<string, number>();
  return {
    clock,
    events,
    counted,
    counters: counters ?? createCounters({ clock }),
    store,
    outbound: undefined as never,
    dataDirectory,
    baseDirectory: dataDirectory,
    event: (event) => void events.push(event),
    count(name, labels, by = 1) {
      const key = `${name} ${labels?.['policy'] ?? ''}`.trim();
      counted.set(key, (counted.get(key) ?? 0) + by);
    },
    keep<T>(name: string, make: () => T): T {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
  };
}

export const operation = (key = 'GET /patients/{id}'): Operation =>
  ({ key, extensions: new Map(), security: undefined }) as unknown as Operation;

export const principal = (id: string, roles: string[] = [], kind: Principal['kind'] = 'key'): Principal => ({
  kind,
  id,
  roles,
  scopes: [],
  claims: {},
  credential: { scheme: 'key', id, binding: 'none' },
});

export function exchangeFrom(address: string, who?: Principal): Exchange {
  const request = {
    method: 'GET',
    version: '1.1',
    host: 'h',
    authority: 'h',
    path: '/',
    segments: [],
    query: '',
    headers: {},
  };
  const exchange = new Exchange('1', 0, 0, { address, socket: address, secure: true, tls: 'TLSv1.3' }, request);
  exchange.principal = who;
  exchange.anonymous = who === undefined;
  return exchange;
}

/** The room compiled with some settings, and a way to send one exchange along it. */
export function roomWith(given: object, services: Services, key?: string) {
  const policy = { settings: settings.parse(given), origins: {} };
  const stages = throttling.stages(policy, operation(key), services) as Required<
    Pick<Stages, 'throttle-address' | 'throttle-identity'>
  >;
  const run = (exchange: Exchange, stage: Stage) => {
    const result = stage(exchange);
    if (!(result instanceof Promise)) exchange.refusal ??= result;
    return result;
  };
  return {
    policy,
    stages,
    address: (exchange: Exchange) => run(exchange, stages['throttle-address']),
    identity: (exchange: Exchange) => run(exchange, stages['throttle-identity']),
    /** Both stages, then the end of the exchange. @returns the refusal, or 'slowed'. */
    send(exchange: Exchange, judgedLater?: Refusal): Refusal | 'slowed' | undefined {
      let result = run(exchange, stages['throttle-address']) as Refusal | undefined;
      let slowed = false;
      if (result === undefined) {
        const second = run(exchange, stages['throttle-identity']);
        if (second instanceof Promise) slowed = true;
        else result = second;
      }
      exchange.refusal = result ?? judgedLater;
      end(exchange);
      return slowed ? 'slowed' : result;
    },
  };
}

export function end(exchange: Exchange): void {
  for (const work of exchange.finally) work();
}
