import { createClient } from '../http/client.ts';
import { type DiscoverOptions, type Discovery, discover } from './discover.ts';

/** Records calls as a browser saves them: HAR 1.2. */
export class Recorder {
  readonly #base: string;
  readonly #entries: object[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  /** Calls the API, and keeps the call. @returns the answer as JSON, where it is any */
  async call(
    method: string,
    path: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly form?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<{ readonly status: number; readonly json: unknown }> {
    const url = new URL(path, this.#base);
    const type = options.form ? 'application/x-www-form-urlencoded' : 'application/json';
    const body = options.form
      ? new URLSearchParams(options.form).toString()
      : options.json === undefined
        ? undefined
        : JSON.stringify(options.json);
    const headers = { ...options.headers, ...(body === undefined ? {} : { 'Content-Type': type }) };
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }), redirect: 'manual' });
    const text = await answer.text();
    this.#entries.push({
      request: {
        method,
        url: url.href,
        headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
        queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
        cookies: [],
        ...(body === undefined ? {} : { postData: { mimeType: type, text: body } }),
      },
      response: {
        status: answer.status,
        headers: [...answer.headers].map(([name, value]) => ({ name, value })),
        content: { mimeType: answer.headers.get('content-type') ?? '', text },
      },
    });
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: answer.status, json };
  }

  har(): { readonly text: string; readonly file: string } {
    return { text: JSON.stringify({ log: { version: '1.2', entries: this.#entries } }), file: 'session.har' };
  }
}

/** Discovers an API on loopback. @returns what was found, and the requests as `METHOD target` */
export async function discovered(
  url: string,
  options: Partial<Omit<DiscoverOptions, 'base' | 'client'>> = {},
): Promise<Discovery & { readonly asked: readonly string[]; readonly operations: readonly string[] }> {
  const asked: string[] = [];
  const stop = new AbortController();
  const base = new URL(url);
  const client = createClient({
    base,
    concurrency: 4,
    timeout: options.timeout ?? 5_000,
    signal: stop.signal,
    observe: ({ request }) => asked.push(`${request.method} ${request.target}`),
    note: () => undefined,
  });
  try {
    const found = await discover({ identities: [], signal: stop.signal, ...options, base, client });
    return { ...found, asked, operations: operationsOf(found.document) };
  } finally {
    stop.abort();
    client.close();
  }
}

/** `GET /users/{}`: operations of a document, names of parameters left out. */
export function operationsOf(document: object): readonly string[] {
  const { paths, servers } = document as {
    readonly paths: Readonly<Record<string, object>>;
    readonly servers?: readonly { readonly url: string }[];
  };
  const prefix = (servers?.[0]?.url ?? '/').replace(/\/$/, '');
  return Object.entries(paths)
    .flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => key !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${prefix}${path.replace(/\{[^}]*\}/g, '{}')}`),
    )
    .sort();
}
