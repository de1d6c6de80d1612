import { applyBatch, type Batch, Outbox, snapshotBatches } from './counter-batch.ts';
import type { Counters, RateLimit, Taken } from './counters.ts';
import type { MemoryCounters } from './memory-counters.ts';

/** Milliseconds for which charges are gathered before they are told to the siblings. */
const BATCH_INTERVAL = 20;
/** Milliseconds that the primary may take to answer; then a mark counts as seen, and a worker starts without a snapshot. */
const ANSWER_TIMEOUT = 1_000;
const MAX_CLAIMS = 10_000;
/** Messages on their way to one process; beyond, charges are gathered on. */
const MAX_IN_FLIGHT = 64;

/** One end of a message channel between a worker and the primary. Messages are plain JSON values and arrive in order. */
export interface Channel {
  /** Never throws. @returns false where the message was not taken now (a backlog, a dead process). */
  send(message: unknown): boolean;
  onMessage(listener: (message: unknown) => void): void;
}

type Message =
  | Batch
  | { readonly counters: 'hello' }
  /** Flat triples: id, key, window in ms. */
  | { readonly counters: 'claim'; readonly claims: (string | number)[] }
  /** Flat pairs: id, whether it was the first. */
  | { readonly counters: 'claimed'; readonly answers: (number | boolean)[] };

/** Counters of one worker, shared with its siblings through the primary. */
export interface SharedCounters extends Counters {
  take(key: string, limit: RateLimit, cost?: number): Taken;
  add(key: string, by: number, window: number): number;
  get(key: string): number;
  forget(key: string): void;
  once(key: string, window: number): Promise<boolean> | boolean;
  /** Resolves when the primary's snapshot is in (or has not come within a second): listen for requests after it. */
  readonly ready: Promise<void>;
  /** Tells the siblings now what has been gathered. */
  flush(): void;
  close(): void;
}

/**
 * Shares a worker's counters with its siblings: every charge counts here at once and is told to the others, gathered by
 * key, every 20 ms while there is something to tell. `take`, `add`, `get` and `forget` stay synchronous.
 *
 * What that costs in exactness. Rates: the sum of all charges is exact, so the rate over a longer time is exact too; in
 * any one stretch of 20 ms plus delivery (under 25 ms together while event loops turn), each of the other W-1 workers
 * may admit what its own burst still allows: at most `(W-1) * burst` over, once, and the key pays it back before more is
 * admitted. Counts: late by as much; a lock may come up to W-1 concurrent failures late. A `forget` that races with an
 * `add` elsewhere within that time may leave workers one change apart until the window ends.
 * Marks (`once`): exact. A key not seen here is claimed at the primary, hence the promise; no answer within a second,
 * or more than 10,000 claims open, counts as seen: stopping the primary lets no replay in.
 */
export function shareCounters(counters: MemoryCounters, channel: Channel): SharedCounters {
  const outbox = new Outbox();
  const claims = new Map<number, { answer: (first: boolean) => void; deadline: number }>();
  /** Claims not sent yet: those of one turn of the event loop go in one message. */
  let unsent: (string | number)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sweeper: NodeJS.Timeout | undefined;
  let nextClaim = 1;
  let closed = false;
  const { promise: ready, resolve: settle } = Promise.withResolvers<void>();
  const late = setTimeout(settle, ANSWER_TIMEOUT);
  late.unref();

  const send = (batch: Batch): boolean => channel.send(batch);
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!outbox.flush(send)) dirty();
  };
  const dirty = (): void => {
    if (timer !== undefined || closed) return;
    timer = setTimeout(flush, BATCH_INTERVAL);
    timer.unref();
  };

  const sendClaims = (): void => {
    if (unsent.length === 0 || closed) return;
    // What was forgotten here must be forgotten at the primary before it is asked.
    if (outbox.forgetting) flush();
    if (channel.send({ counters: 'claim', claims: unsent } satisfies Message)) unsent = [];
    else setTimeout(sendClaims, BATCH_INTERVAL).unref();
  };
  const answerClaim = (id: number, first: boolean): void => {
    const claim = claims.get(id);
    claims.delete(id);
    claim?.answer(first);
    if (claims.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };
  const expireClaims = (): void => {
    const now = performance.now();
    for (const [id, claim] of claims) {
      if (claim.deadline > now) return;
      answerClaim(id, false);
    }
  };

  channel.onMessage((received) => {
    const message = asMessage(received);
    if (message?.counters === 'claimed') {
      const answers = Array.isArray(message.answers) ? message.answers : [];
      for (let i = 0; i + 1 < answers.length; i += 2) answerClaim(Number(answers[i]), answers[i + 1] === true);
    } else if (message?.counters === 'batch') {
      applyBatch(counters, message);
      if (message.ready !== true) return;
      clearTimeout(late);
      settle();
    }
  });
  channel.send({ counters: 'hello' } satisfies Message);

  return {
    ready,
    flush,

    take(key, limit, cost = 1) {
      const taken = counters.take(key, limit, cost);
      if (taken.allowed && cost > 0) {
        const emission = limit.window / limit.count;
        outbox.rate(key, cost * emission, emission * limit.burst);
        dirty();
      }
      return taken;
    },

    add(key, by, window) {
      const value = counters.add(key, by, window);
      outbox.count(key, by, window);
      dirty();
      return value;
    },

    get: (key) => counters.get(key),

    forget(key) {
      counters.forget(key);
      outbox.forget(key);
      dirty();
    },

    once(key, window) {
      if (!counters.once(key, window)) return false;
      if (closed || claims.size >= MAX_CLAIMS) return false;
      const id = nextClaim++;
      return new Promise<boolean>((answer) => {
        claims.set(id, { answer, deadline: performance.now() + ANSWER_TIMEOUT });
        if (sweeper === undefined) {
          sweeper = setInterval(expireClaims, ANSWER_TIMEOUT / 4);
          sweeper.unref();
        }
        if (unsent.length === 0) setImmediate(sendClaims);
        unsent.push(id, key, window);
      });
    },

    close() {
      flush();
      closed = true;
      clearTimeout(timer);
      clearTimeout(late);
      for (const id of [...claims.keys()]) answerClaim(id, false);
      settle();
    },
  };
}

/** The primary's side: keeps a copy of all counters and passes every worker's charges on to the others. */
export interface CounterRelay {
  /** Connects a worker, before it can have sent anything. @returns what disconnects it: call it when it is gone. */
  connect(channel: Channel): () => void;
}

/**
 * Makes the relay of the primary.
 * @param counters the primary's own, unshared counters: the copy that a restarted worker starts from and that claims of
 *   `once` are judged by.
 */
export function createRelay(counters: MemoryCounters): CounterRelay {
  /** Workers that have said hello: everything before it is in their snapshot, everything after it is passed on. */
  const workers = new Map<Channel, Outbox>();

  let timer: NodeJS.Timeout | undefined;

  const pass = (batch: Batch, channel: Channel, backlog: Outbox): void => {
    if (backlog.flush((part) => channel.send(part)) && channel.send(batch)) return;
    backlog.merge(batch);
    retryLater();
  };
  const retry = (): void => {
    timer = undefined;
    for (const [channel, backlog] of workers) if (!backlog.flush((part) => channel.send(part))) retryLater();
  };
  const retryLater = (): void => {
    if (timer !== undefined) return;
    timer = setTimeout(retry, BATCH_INTERVAL);
    timer.unref();
  };
  const judge = (claims: (string | number)[]): (number | boolean)[] => {
    const answers: (number | boolean)[] = [];
    if (!Array.isArray(claims)) return answers;
    for (let i = 0; i + 2 < claims.length; i += 3) {
      const key = claims[i + 1];
      const window = Number(claims[i + 2]);
      answers.push(Number(claims[i]), typeof key === 'string' && window > 0 && counters.once(key, window));
    }
    return answers;
  };

  return {
    connect(channel) {
      let gone = false;
      channel.onMessage((received) => {
        const message = gone ? undefined : asMessage(received);
        if (message?.counters === 'batch') {
          applyBatch(counters, message);
          for (const [other, backlog] of workers) if (other !== channel) pass(message, other, backlog);
        } else if (message?.counters === 'claim') {
          channel.send({ counters: 'claimed', answers: judge(message.claims) } satisfies Message);
        } else if (message?.counters === 'hello' && !workers.has(channel)) {
          workers.set(channel, new Outbox());
          for (const batch of snapshotBatches(counters)) channel.send(batch);
        }
      });
      return () => {
        gone = true;
        workers.delete(channel);
      };
    },
  };
}

function asMessage(received: unknown): Message | undefined {
  return typeof received === 'object' && received !== null && 'counters' in received
    ? (received as Message)
    : undefined;
}

/** What node gives for a child process, a cluster worker, and `process` in a child. */
export interface IpcEnd {
  send?(message: unknown, handle: undefined, options: undefined, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * A channel over node's IPC. A process that does not read makes no memory grow here: with 64 messages under way `send`
 * answers false.
 */
export function ipcChannel(end: IpcEnd): Channel {
  let inFlight = 0;
  const landed = (): void => {
    inFlight--;
  };
  return {
    send(message) {
      if (end.send === undefined || inFlight >= MAX_IN_FLIGHT) return false;
      inFlight++;
      try {
        end.send(message, undefined, undefined, landed);
        return true;
      } catch {
        landed();
        return false;
      }
    },
    onMessage: (listener) => void end.on('message', listener),
  };
}
