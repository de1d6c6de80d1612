import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { loadConfiguration } from '../config/load.ts';
import type { CliContext } from './context.ts';
import { runGate, stopOnSignal } from './run-gate.ts';

/** `portcullis start`: runs the gate until SIGTERM or Ctrl-C. */
export function startVerb(program: Command, context: CliContext): void {
  program
    .command('start')
    .option('--workers <n>', 'processes that share the port; `auto` for one a core', workerCount, 1)
    .description(
      'run the gate; a change of configuration or contract, or SIGHUP, swaps the plan; SIGTERM drains and ends',
    )
    .addHelpText('after', '\nExample:\n  portcullis start --config portcullis.yaml --workers 2')
    .action(async (options: { workers: number }) => {
      const { config } = program.opts<{ config: string }>();
      const say = (line: string): void => context.err(`portcullis: ${line}`);
      const gate = await runGate({ load: () => loadConfiguration(config), workers: options.workers, say });
      const { transport } = loadConfiguration(config).listen;
      // Before anything is printed: whoever reads that the gate runs may end it at once.
      const ended = stopOnSignal(() => gate.stop(), say);
      for (const note of gate.notes) say(note);
      context.out(`gate    ${transport === 'tls' ? 'https' : 'http'}://localhost:${gate.port}`);
      if (gate.caFile !== undefined) context.out(`CA      ${gate.caFile}`);
      if (gate.issuer !== undefined) context.out(`login   ${gate.issuer}`);
      if (gate.adminPort !== undefined)
        context.out(`admin   http://127.0.0.1:${gate.adminPort} (token in ${gate.adminTokenFile})`);
      await ended;
    });
}

export function workerCount(text: string): number {
  if (text === 'auto') return availableParallelism();
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw new InvalidArgumentError('a whole number from 1 to 256, or auto');
  return count;
}
