import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOnSignals } from './scan-signals.ts';

test('the first signal ends what runs, the second the program, after the terminal was put right', (t) => {
  const exit = t.mock.method(process, 'exit', () => undefined as never);
  const told: string[] = [];
  const signals = endOnSignals((text) => told.push(text));
  t.after(() => signals.close());
  signals.onExit(() => told.push('cursor'));
  process.emit('SIGTERM');
  assert.equal(signals.signal.aborted, true);
  assert.equal(exit.mock.callCount(), 0);
  assert.equal(told.length, 1);
  process.emit('SIGINT');
  assert.deepEqual(exit.mock.calls[0]?.arguments, [130]);
  assert.ok(told.includes('cursor'));
});

test('nothing is left listening', () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
  endOnSignals(() => undefined).close();
  assert.equal(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'), before);
});
