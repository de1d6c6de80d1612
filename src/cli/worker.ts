import { loadConfiguration } from '../config/load.ts';
import { type Serving, serve } from '../gateway/serve.ts';
import { ipcChannel } from '../storage/shared-counters.ts';
import type { FromWorker, ToWorker } from './supervise.ts';

// One worker of several: does what the primary says, and ends when the primary is gone.
let serving: Serving | undefined;
let file = '';
const channel = ipcChannel(process as never);
const tell = (message: FromWorker): void => void process.send?.(message);

async function obey(message: ToWorker): Promise<void> {
  switch (message.gate) {
    case 'start':
      file = message.file;
      try {
        serving = await serve(loadConfiguration(file), {
          slot: message.slot,
          port: message.port,
          identityPort: message.identityPort,
          ticketKeys: Buffer.from(message.ticketKeys, 'base64'),
          channel,
        });
        tell({
          gate: 'ready',
          port: serving.port,
          caFile: serving.transport.caFile,
          issuer: serving.issuer,
          files: serving.plan.contract.files,
          notes: serving.notes,
        });
      } catch (error) {
        tell({ gate: 'failed', message: (error as Error).message });
      }
      return;
    case 'reload':
      try {
        await serving?.reload(loadConfiguration(file));
        tell({ gate: 'reloaded', files: serving?.plan.contract.files ?? [] });
      } catch (error) {
        tell({ gate: 'refused', message: (error as Error).message });
      }
      return;
    case 'metrics':
      if (serving !== undefined)
        tell({ gate: 'metrics', snapshot: serving.metrics.snapshot(), notReady: serving.notReady() });
      return;
    case 'stop':
      await serving?.stop();
      process.exit(0);
  }
}

process.on('message', (message) => void obey(message as ToWorker));
process.on('disconnect', () => void (serving?.stop() ?? Promise.resolve()).finally(() => process.exit(0)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
