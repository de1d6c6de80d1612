import type { Outbound } from '../outbound/outbound.ts';
import { systemClock } from '../shared/clock.ts';
import type { Counters } from '../storage/counters.ts';
import type { Store } from '../storage/store.ts';
import type { Metrics } from './metrics.ts';
import type { Recorder } from './passage.ts';
import type { Services } from './services.ts';

interface Parts {
  readonly store: Store;
  readonly counters: Counters;
  readonly outbound: Outbound;
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  readonly dataDirectory: string;
  readonly baseDirectory: string;
}

/** The services of one process, and a way to end what rooms have kept. */
export function servicesInProcess(parts: Parts): Services & { close(): Promise<void> } {
  const kept = new Map<string, unknown>();
  return {
    store: parts.store,
    counters: parts.counters,
    outbound: parts.outbound,
    clock: systemClock,
    dataDirectory: parts.dataDirectory,
    baseDirectory: parts.baseDirectory,
    event: (event) => {
      try {
        parts.recorder.event(event);
      } catch {
        parts.metrics.count('portcullis_events_lost_total');
      }
    },
    count: (name, labels, by) => parts.metrics.count(name, labels, by),
    keep: <T>(name: string, make: () => T): T => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
    close: async () => {
      for (const thing of kept.values()) await (thing as { close?: () => unknown } | undefined)?.close?.();
      kept.clear();
    },
  };
}
