import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Target } from './attacks/target.ts';
import { openMarket } from './open.ts';
import type { Weakness } from './weaknesses.ts';

export interface RunningMarket {
  /** `http://127.0.0.1:40123` */
  readonly base: string;
  stop(): Promise<void>;
}

/** Starts a market of its own within this process, on a free port. For one in a process of its own: `start.ts`. */
export async function listenMarket(weaknesses: Iterable<Weakness>): Promise<RunningMarket> {
  const server = openMarket(weaknesses);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Runs `work` against a market of its own. */
export async function withMarket<T>(weaknesses: Iterable<Weakness>, work: (market: Target) => Promise<T>): Promise<T> {
  const running = await listenMarket(weaknesses);
  try {
    return await work(new Target(running.base));
  } finally {
    await running.stop();
  }
}
