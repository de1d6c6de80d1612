/**
 * Runs `work` over items, `lanes` at once, taken in order. Ends when all are done, or `ended` says so.
 * @param failed hears of each item's error; the rest goes on
 */
export async function each<T>(
  items: Iterable<T>,
  lanes: number,
  work: (item: T) => Promise<void>,
  failed: (error: unknown) => void,
  ended: () => boolean,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (;;) {
      if (ended()) return;
      const { done, value } = iterator.next();
      if (done) return;
      try {
        await work(value);
      } catch (error) {
        failed(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
}
