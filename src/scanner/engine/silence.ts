import type { Operation } from '../../contract/model.ts';
import type { Exchange } from '../model/exchange.ts';

/** Answers without an end in a row before an operation is left alone. */
const PATIENCE = 4;
/** Operations that are told by name. */
const TOLD = 5;

/** Operations that do not answer, or never end: each further request would cost a whole deadline, or megabytes. */
export class Silence {
  readonly #missed = new Map<Operation, number>();
  readonly #note: (text: string) => void;
  #left = 0;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  answered({ operation, answer }: Exchange): void {
    if (!operation) return;
    if (answer.failure !== 'timeout' && answer.failure !== 'endless') {
      // Looked up first: nearly all operations never miss.
      if (this.#missed.has(operation) && !this.of(operation)) this.#missed.delete(operation);
      return;
    }
    const missed = (this.#missed.get(operation) ?? 0) + 1;
    this.#missed.set(operation, missed);
    if (missed !== PATIENCE) return;
    if (++this.#left <= TOLD)
      this.#note(
        `${operation.key} did not come to an end ${PATIENCE} times in a row (${answer.failure}): it is left alone`,
      );
    else if (this.#left === TOLD + 1) this.#note('further operations did not come to an end: each is left alone');
  }

  /** Whether the operation is left alone. */
  of(operation: Operation): boolean {
    return (this.#missed.get(operation) ?? 0) >= PATIENCE;
  }
}
