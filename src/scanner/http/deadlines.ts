import type { Operation } from '../../contract/model.ts';
import type { Exchange } from '../model/exchange.ts';

/** An operation that let its deadline pass is given this part of it, until it answers. */
const PART_OF_SILENT = 4;
/** Deadlines that passed in a row, whatever was asked, after which everything is given that part. */
const IN_ROW = 8;
/** Milliseconds that an exchange is given at least. */
const LEAST = 1_000;

/**
 * How long an exchange may take. Whoever did not answer in ten seconds seldom does in the next ten: a silent API would
 * cost operations x tries x deadline.
 */
export class Deadlines {
  readonly #timeout: number;
  readonly #silent = new Set<Operation>();
  #inRow = 0;

  /** @param timeout milliseconds, where a request asks for nothing else */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** @param asked milliseconds that the request asks for itself: kept, unless nothing answers any more */
  of(operation: Operation | undefined, asked: number | undefined): number {
    const whole = asked ?? this.#timeout;
    const shorter =
      this.#inRow >= IN_ROW || (asked === undefined && operation !== undefined && this.#silent.has(operation));
    return shorter ? Math.min(whole, Math.max(LEAST, whole / PART_OF_SILENT)) : whole;
  }

  see({ answer, operation, request }: Exchange): void {
    if (answer.failure === 'timeout') {
      // Raw messages may be such that nobody would answer them.
      if (request.raw) return;
      this.#inRow++;
      if (operation) this.#silent.add(operation);
      return;
    }
    this.#inRow = 0;
    if (operation && answer.failure === undefined) this.#silent.delete(operation);
  }
}
