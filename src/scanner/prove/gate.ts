import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import type { FromGate, ToGate } from './gate-messages.ts';

/** Milliseconds for the gate to start, to change its plan, and to end. */
const START = 60_000;
const CHANGE = 30_000;
const END = 15_000;
/** Characters of what it said on standard error that are kept. */
const SAID = 4_000;

/** The gate that is proven. */
export interface GateUnderProof {
  /** Scheme, address and port. */
  readonly url: URL;
  readonly notes: readonly string[];
  /** Puts rates, quotas and lockouts into force as configured. */
  throttle(): Promise<void>;
  /** Ends it: what it recorded is written and signed then. */
  stop(): Promise<void>;
  /** Ends it at once; for the exit of the process. */
  kill(): void;
}

/** The gate could not be started, or ended on its own. */
export class GateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GateError';
  }
}

/**
 * Starts a gate of the configuration's policy on a free port of this machine, in a process of its own.
 * @param file the configuration, absolute
 * @param data an empty directory: for its keys, certificates and log
 * @throws GateError with what it said
 */
export async function startGate(file: string, data: string): Promise<GateUnderProof> {
  const child = fork(join(import.meta.dirname, `gate-process${extname(import.meta.filename)}`), [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID);
  });
  const told = (): string => (said.trim() === '' ? '' : `: ${said.trim()}`);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = (message: ToGate, span: number): Promise<FromGate> => answerOf(child, message, span, told);
  try {
    const ready = await ask({ prove: 'start', file, data }, START);
    if (ready.gate === 'failed') throw new GateError(ready.message);
    if (ready.gate !== 'ready') throw new GateError('the gate did not say where it listens');
    return {
      url: new URL(`${ready.secure ? 'https' : 'http'}://127.0.0.1:${ready.port}/`),
      notes: ready.notes,
      throttle: async () => {
        const done = await ask({ prove: 'throttle' }, CHANGE);
        if (done.gate === 'failed') throw new GateError(done.message);
      },
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        if (child.connected) child.send({ prove: 'stop' } satisfies ToGate, () => undefined);
        const timer = setTimeout(() => child.kill('SIGKILL'), END);
        await ended;
        clearTimeout(timer);
      },
      kill: () => void child.kill('SIGKILL'),
    };
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw error;
  }
}

function answerOf(child: ChildProcess, message: ToGate, span: number, told: () => string): Promise<FromGate> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off('message', heard);
      child.off('exit', gone);
    };
    const heard = (answer: unknown): void => {
      end();
      resolve(answer as FromGate);
    };
    const gone = (): void => {
      end();
      reject(new GateError(`the gate under proof ended${told()}`));
    };
    const timer = setTimeout(() => {
      end();
      reject(new GateError(`the gate under proof did not answer within ${span / 1_000} s${told()}`));
    }, span);
    child.once('message', heard);
    child.once('exit', gone);
    if (child.connected) child.send(message, () => undefined);
    else gone();
  });
}
