import assert from 'node:assert/strict';
import { Target } from './attacks.ts';
import { startClinic } from './start.ts';

/** Arguments of a clinic that keeps nothing, on a free port. */
export const MEMORY = ['--port', '0', '--data', ':memory:'];

/** Runs `work` against a clinic of its own. */
export async function withClinic<T>(
  args: readonly string[],
  work: (clinic: Target) => Promise<T>,
  env = {},
): Promise<T> {
  const running = await startClinic([...MEMORY, ...args], env);
  try {
    return await work(new Target(running.base));
  } finally {
    assert.equal(await running.stop(), 0);
  }
}
