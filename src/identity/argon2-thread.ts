import { argon2Sync } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { Job, Result } from './argon2-threads.ts';

// A thread that hashes, and nothing else. It takes what time the machine has left: 50 logins a second must not make
// everybody else wait for a processor.
const LOWEST = 19;

try {
  // On Linux a priority is a thread's own, and this names the calling one: `PID/task/TID`.
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), LOWEST);
} catch {
  // Elsewhere priorities are of processes: the bound on how many run at once has to do.
}

parentPort?.on('message', ({ id, parameters }: Job) => {
  let result: Result;
  try {
    result = { id, tag: argon2Sync('argon2id', parameters) };
  } catch (error) {
    result = { id, problem: (error as Error).message };
  }
  parentPort?.postMessage(result);
});
