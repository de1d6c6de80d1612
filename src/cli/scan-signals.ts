/**
 * Ctrl-C and SIGTERM: the first ends what runs by its signal, the second ends the program at once (exit 130).
 */
export function endOnSignals(say: (text: string) => void): {
  readonly signal: AbortSignal;
  /** What is to be done before the program ends at once. */
  onExit(work: () => void): void;
  close(): void;
} {
  const controller = new AbortController();
  let before: () => void = () => undefined;
  const heard = (): void => {
    if (controller.signal.aborted) {
      before();
      process.exit(130);
    }
    controller.abort();
    say('\nending: what the scan made is taken away, the report follows (again: end at once)');
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    signal: controller.signal,
    onExit: (work) => {
      before = work;
    },
    close: () => {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
