import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound } from '../../outbound/guarded.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { TestIssuer, type World, world } from '../testing.ts';

interface Context {
  after(work: () => unknown): void;
}

export interface Question {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

type Answer = (question: Question, response: ServerResponse) => void;

/** An issuer on this machine, for tests: what it answers at each path can be changed at any time. */
export class FakeIssuer {
  readonly keys = new TestIssuer();
  readonly paths = new Map<string, Answer>();
  readonly asked: Question[] = [];
  /** While true, connections are closed without an answer. */
  down = false;
  /** Questions that came while it was down. */
  knocks = 0;
  url = '';

  /** Number of questions at a path. */
  count(path: string): number {
    return this.asked.filter((one) => one.path === path).length;
  }

  json(path: string, value: unknown, type = 'application/json'): void {
    this.paths.set(path, (_, response) => {
      response.setHeader('content-type', type).end(typeof value === 'string' ? value : JSON.stringify(value));
    });
  }

  /** Publishes metadata at the place of OpenID Connect, and the key set it names. */
  publish(more: Record<string, unknown> = {}): void {
    this.json('/.well-known/openid-configuration', {
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      introspection_endpoint: `${this.url}/introspect`,
      ...more,
    });
    this.json('/keys', this.keys.set().toString());
  }

  /** Says of tokens what stands here; of others that they are not active. */
  knows(tokens: Record<string, Record<string, unknown>>): void {
    this.paths.set('/introspect', ({ form }, response) => {
      const claims = tokens[form.get('token') ?? ''];
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(claims === undefined ? { active: false } : { active: true, ...claims }));
    });
  }
}

export async function fakeIssuer(context: Context): Promise<FakeIssuer> {
  const issuer = new FakeIssuer();
  const server = createServer((request, response) => {
    if (issuer.down) {
      issuer.knocks++;
      request.socket.destroy();
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      const { headers, method = '' } = request;
      const question = { path, method, headers, form: new URLSearchParams(body) };
      issuer.asked.push(question);
      const answer = issuer.paths.get(path);
      if (answer === undefined) response.writeHead(404).end();
      else answer(question, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return issuer;
}

/** Services with a clock that tests move, and the real guarded client. */
export function worldWithNetwork(context: Context): World {
  const store = memoryStore();
  context.after(() => store.close());
  return Object.assign(world(store), { outbound: createOutbound() });
}
