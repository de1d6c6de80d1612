import { loadConfiguration } from '../../config/load.ts';
import { type Serving, serve } from '../../gateway/serve.ts';
import type { FromGate, ToGate } from './gate-messages.ts';
import { underProof } from './overrides.ts';

// The gate under proof, in a process of its own: it does what `portcullis prove` says, and ends when that is gone.
let serving: Serving | undefined;
let file = '';
let data = '';
const tell = (message: FromGate): void => void process.send?.(message);

async function obey(message: ToGate): Promise<void> {
  try {
    switch (message.prove) {
      case 'start': {
        ({ file, data } = message);
        const configuration = underProof(loadConfiguration(file), { data, throttled: false });
        serving = await serve(configuration, { slot: 0 });
        const secure = configuration.listen.transport === 'tls';
        tell({ gate: 'ready', port: serving.port, secure, notes: serving.notes });
        return;
      }
      case 'throttle':
        await serving?.reload(underProof(loadConfiguration(file), { data, throttled: true }));
        tell({ gate: 'throttled' });
        return;
      case 'stop':
        await serving?.stop();
        process.exit(0);
    }
  } catch (error) {
    tell({ gate: 'failed', message: (error as Error).message });
  }
}

process.on('message', (message) => void obey(message as ToGate));
process.on('disconnect', () => void (serving?.stop() ?? Promise.resolve()).finally(() => process.exit(0)));
// Ctrl-C reaches the whole group: who started it decides when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
