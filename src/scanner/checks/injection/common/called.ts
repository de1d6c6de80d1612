import type { CheckContext } from '../../../model/check.ts';

/** Milliseconds that a call of the API to the bait may take, and how often it is looked at. */
const PATIENCE = 1_500;
const STEP = 50;

type Bait = Awaited<ReturnType<CheckContext['bait']>>;

/** Waits until a bait is called. @returns false where nobody calls it in 1.5 s */
export async function isCalled(context: CheckContext, bait: Bait): Promise<boolean> {
  for (let waited = 0; ; waited += STEP) {
    if (bait.called()) return true;
    if (waited >= PATIENCE) return false;
    await context.pause(STEP);
  }
}

/** Baits that were laid out, to be looked at together: an API may fetch after it has answered. */
export class Baits<T> {
  readonly #context: CheckContext;
  readonly #laid: { readonly bait: Bait; readonly what: T }[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  async lay(what: T): Promise<string> {
    const bait = await this.#context.bait();
    this.#laid.push({ bait, what });
    return bait.url;
  }

  /** What belongs to the baits that were called, after a last wait, in a stable order. */
  async caught(order: (what: T) => string): Promise<T[]> {
    if (this.#laid.length > 0 && !this.#context.signal.aborted) await this.#context.pause(PATIENCE);
    return this.#laid
      .filter(({ bait }) => bait.called())
      .map(({ what }) => what)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}
