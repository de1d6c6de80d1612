import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
const DEADLINE = 60_000;
/** A hundred starts of the same program: each half as long. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'portcullis-test-compile-cache');

/** A program under test: what it printed so far, and ways to wait and to end it. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #waiting = new Set<() => void>();

  constructor(file: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
      cwd: options.cwd,
      env: { NODE_COMPILE_CACHE, ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
      this.#tell();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
      this.#tell();
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        resolve(code);
        this.#tell();
      });
    });
  }

  #tell(): void {
    for (const look of this.#waiting) look();
  }

  /** Waits until what was printed matches. @throws with everything printed when the program ends or time runs out first */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        settle();
        reject(new Error(`${why} before printing ${pattern}:\n${this.stdout}\n${this.stderr}`));
      };
      const look = (): void => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match !== null) {
          settle();
          resolve(match);
        } else if (this.child.exitCode !== null || this.child.signalCode !== null) fail('ended');
      };
      const timer = setTimeout(() => fail('timed out'), DEADLINE);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Asks it to end, waits, and gives its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return await this.ended;
  }
}

/** Runs a verb of the CLI to its end. */
export async function cli(
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = new Program('src/cli/main.ts', args, options);
  program.child.stdin?.end(options.input ?? '');
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** A directory that is gone after the test. */
export function scratch(context: { after(work: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** What is to be ended when a file's tests (or one test) are over: last begun, first ended. */
export function lifetime(after: (work: () => unknown) => void): { after(work: () => unknown): void } {
  const endings: (() => unknown)[] = [];
  after(async () => {
    for (const end of endings.reverse()) await end();
  });
  return { after: (work) => endings.push(work) };
}

/** Waits until `look` gives something. @throws with `what` when it has not after 20 s, or with what `look` threw last */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    let last: unknown;
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
