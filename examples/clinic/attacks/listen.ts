import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of the attacker's on loopback. */
export interface Bait {
  /** An address of it. */
  url(path: string): string;
  /** Request targets that were asked for. */
  readonly called: readonly string[];
  close(): void;
}

export async function listen(answer: (path: string, response: ServerResponse) => void): Promise<Bait> {
  const called: string[] = [];
  const server = createServer((request, response) => {
    called.push(request.url ?? '');
    answer(request.url ?? '', response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    called,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
