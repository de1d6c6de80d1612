import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { equalSecrets } from '../shared/secrets.ts';
import { ROUTES, type Route } from './routes.ts';

/** What the admin listener can ask of the running gate. */
export interface AdminHooks {
  /** Undefined when ready, else why not. */
  ready(): string | undefined;
  metrics(): Promise<string>;
  /** @returns undefined when the new plan is in force, else why not. */
  reload(): Promise<string | undefined>;
  readonly keys: KeyAdministration;
  readonly bans: BanAdministration;
  readonly revocations: RevocationAdministration;
  readonly clients: ClientAdministration;
}

/** Applications and grants as the admin API speaks of them; undefined where there is none of an id. */
export interface ClientAdministration {
  list(): unknown[];
  find(id: string): unknown;
  /** @throws where it cannot be, with a message for people; so do the others */
  create(request: {
    name: string;
    contact?: string;
    note?: string;
    proof?: 'none' | 'secret' | 'private_key_jwt';
    keys?: unknown[];
    redirectUris?: string[];
    logoutUris?: string[];
    grants?: string[];
    scopes?: string[];
  }): unknown;
  approve(
    id: string,
    approval: {
      scopes?: string[];
      roles?: string[];
      grants?: string[];
      redirectUris?: string[];
      ranges?: string[];
      rateClass?: string;
      own?: boolean;
    },
  ): unknown;
  suspend(id: string): unknown;
  remove(id: string): boolean;
  grants(which: { user?: string; client?: string }): unknown[];
  withdraw(which: { id?: string; user?: string; client?: string }): unknown;
}

/** Keys as the admin API speaks of them. */
export interface KeyAdministration {
  list(): unknown[];
  create(request: {
    roles: string[];
    scopes: string[];
    note?: string;
    expires?: string;
    claims?: Record<string, unknown>;
    ranges?: string[];
  }): unknown;
  revoke(id: string): boolean;
}

/** Revocations as the admin API speaks of them. */
export interface RevocationAdministration {
  list(): unknown[];
  /** @throws where it cannot be, with a message for people */
  add(request: { kind: string; subject?: string; token?: string; before?: string; reason?: string }): unknown;
  /** @returns whether there was one; `which` is `KIND SUBJECT` */
  lift(which: string): boolean;
}

/** Bans as the admin API speaks of them; `which` is an id, an address, a range or a principal. */
export interface BanAdministration {
  list(): unknown[];
  /** @returns undefined where there is none. */
  find(which: string): unknown[] | undefined;
  /** @throws where it cannot be, with a message for people */
  add(request: { who: string; span: string; reason: string }): unknown;
  /** @returns those that were lifted; undefined where there is none. */
  lift(which: string): unknown[] | undefined;
  /** How many are in force, by kind. */
  inForce(): Readonly<Record<string, number>>;
}

const MAX_BODY = 16 * 1024;

/** Reads the admin token of a data directory, making one (0600) where there is none. There is no default. */
export function adminToken(dataDirectory: string): { token: string; file: string } {
  const file = join(dataDirectory, 'admin.token');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(file, 0o600);
  return { token: readFileSync(file, 'utf8').trim(), file };
}

/**
 * Opens the admin listener on loopback. Only health and readiness answer without the token; a request for another host
 * name is refused, so that a web page cannot reach it by rebinding a name.
 */
export async function openAdmin(
  settings: { readonly host: string; readonly port: number },
  token: string,
  hooks: AdminHooks,
): Promise<{ port: number; close(): void }> {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000, maxHeaderSize: 8192 }, (req, res) => {
    answer(req, res, token, hooks).catch((error: unknown) => {
      if (!res.headersSent) send(res, 500, { title: 'The request failed', detail: (error as Error).message });
      else res.destroy();
    });
  });
  server.maxConnections = 64;
  await listen(server, settings);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;

async function answer(req: IncomingMessage, res: ServerResponse, token: string, hooks: AdminHooks): Promise<void> {
  if (!LOOPBACK_HOST.test(req.headers.host ?? '') || req.headers.origin !== undefined) {
    return send(res, 403, { title: 'Refused', detail: 'ask for localhost, and not from a web page' });
  }
  const path = (req.url ?? '').split('?', 1)[0] as string;
  const candidates = ROUTES.filter(
    (route) => route.path === path || (route.path.endsWith('/*') && path.startsWith(route.path.slice(0, -1))),
  );
  const open = candidates.every((route) => route.open) && candidates.length > 0;
  const sent = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(req.headers.authorization ?? '')?.[1];
  // Refuses before it says whether a path exists.
  if (!open && (sent === undefined || !equalSecrets(sent, token))) {
    res.setHeader('www-authenticate', 'Bearer realm="portcullis admin"');
    return send(res, 401, {
      title: 'Credentials are required',
      detail: 'send the token of the file admin.token in the data directory as Bearer',
    });
  }
  if (candidates.length === 0) return send(res, 404, { title: 'Not found' });
  const route = candidates.find((candidate) => candidate.method === req.method) as Route | undefined;
  if (route === undefined) {
    res.setHeader('allow', candidates.map((candidate) => candidate.method).join(', '));
    return send(res, 405, { title: 'Method not allowed' });
  }
  let body: unknown;
  if (route.method === 'POST') {
    const read = await readJson(req);
    if (read instanceof Error) return send(res, 400, { title: 'Bad request', detail: read.message });
    body = read;
  }
  const name = decoded(path.slice(route.path.length - 1));
  if (name === undefined)
    return send(res, 400, { title: 'Bad request', detail: 'the path is not percent-encoded UTF-8' });
  const result = await route.run(hooks, { name, body });
  if (typeof result.body === 'string') {
    res.writeHead(result.status, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    res.end(result.body);
  } else send(res, result.status, result.body);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function send(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? {});
  res.writeHead(status, {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  res.end(text);
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return new Error(`the body is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  if (length === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return new Error('the body is not JSON');
  }
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `the admin listener cannot listen on ${host}:${port} (${error.code}): choose another port with admin.port, or switch it off with admin.enabled`,
        ),
      ),
    );
    server.listen({ host, port }, resolve);
  });
}
