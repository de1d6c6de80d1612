import type { Operation } from '../../contract/model.ts';
import type { Sample } from '../model/check.ts';

/** A call that worked, and what it stands on. */
export interface Kept {
  readonly sample: Sample;
  /** Things that it names: `patient 2`. */
  readonly uses: readonly string[];
  /** Number of renewals of the identity when it worked. */
  readonly generation: number;
  /** It named something that the identity was never told of. */
  readonly guessed: boolean;
  /** The identity ('' for nobody) that made the thing that was changed or deleted; undefined where it was there before. */
  readonly maker: string | undefined;
}

/** Bytes of answers that are kept whole; beyond, only the beginning of each. */
const MOST_BYTES = 24_000_000;
const BEGINNING = 8_192;

const sizeOf = (kept: Kept | undefined): number => kept?.sample.exchange.answer.body.length ?? 0;

/** The same with the beginning of its answer only: it is no JSON any more. */
function slim(kept: Kept): Kept {
  const { exchange } = kept.sample;
  const { answer } = exchange;
  if (answer.body.length <= BEGINNING) return kept;
  const body = Uint8Array.from(answer.body.subarray(0, BEGINNING));
  const { status, failure, headers, mediaType, milliseconds } = answer;
  const cut = {
    status,
    failure,
    headers,
    mediaType,
    milliseconds,
    body,
    text: Buffer.from(body).toString('utf8'),
    json: undefined,
  };
  return { ...kept, sample: { ...kept.sample, exchange: { ...exchange, answer: cut } } };
}

/** One call that works for each operation and identity, and why there is none. */
export class Samples {
  readonly #kept = new Map<Operation, Map<string, Kept>>();
  /** Bytes of all answers that are kept. */
  #size = 0;
  readonly #reasons = new Map<Operation, Map<string, string>>();

  /** @param as '' for nobody */
  get(operation: Operation, as: string): Kept | undefined {
    return this.#kept.get(operation)?.get(as);
  }

  set(operation: Operation, as: string, given: Kept): void {
    const known = this.#kept.get(operation) ?? new Map();
    this.#size -= sizeOf(known.get(as));
    const kept = this.#size + sizeOf(given) > MOST_BYTES ? slim(given) : given;
    this.#size += sizeOf(kept);
    known.set(as, kept);
    this.#kept.set(operation, known);
  }

  drop(operation: Operation, as: string): void {
    this.#size -= sizeOf(this.get(operation, as));
    this.#kept.get(operation)?.delete(as);
  }

  /** Of all identities, in the order in which they were found. */
  of(operation: Operation): readonly Kept[] {
    return [...(this.#kept.get(operation)?.values() ?? [])];
  }

  /** All of them. */
  *all(): Generator<Kept> {
    for (const kept of this.#kept.values()) yield* kept.values();
  }

  failed(operation: Operation, as: string, reason: string): void {
    const known = this.#reasons.get(operation) ?? new Map();
    known.set(as, reason);
    this.#reasons.set(operation, known);
  }

  reason(operation: Operation, as: string): string | undefined {
    return this.#reasons.get(operation)?.get(as);
  }

  /** Why nobody could call an operation; undefined where somebody could. */
  why(operation: Operation): string | undefined {
    if ((this.#kept.get(operation)?.size ?? 0) > 0) return undefined;
    const reasons = this.#reasons.get(operation);
    if (!reasons || reasons.size === 0) return 'exploring did not come to it';
    const byReason = new Map<string, string[]>();
    for (const [as, reason] of reasons) byReason.set(reason, [...(byReason.get(reason) ?? []), as || 'nobody']);
    return [...byReason].map(([reason, names]) => `${reason} (${names.join(', ')})`).join('; ');
  }
}
