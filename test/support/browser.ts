import { Agent, type RequestInit, type Response, fetch as undiciFetch } from 'undici';

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** A page as a person sees it. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Response['headers'];
  readonly text: string;
  readonly forms: readonly Form[];
}

export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Name and value of each button. */
  readonly buttons: readonly { readonly name: string; readonly value: string }[];
}

/** `fetch` that trusts a CA; for clients under test, too. */
export function fetchWith(ca: Buffer, after: (work: () => unknown) => void): typeof globalThis.fetch {
  const agent = new Agent({ connect: { ca } });
  after(() => agent.destroy());
  return ((url: string, options: RequestInit) =>
    undiciFetch(url, { ...options, dispatcher: agent })) as unknown as typeof globalThis.fetch;
}

/** A browser without JavaScript: keeps cookies as their attributes say, follows redirects on its site, fills in forms. */
export class Browser {
  readonly #fetch: typeof globalThis.fetch;
  readonly #origin: string;
  readonly cookies = new Map<string, Cookie>();
  /** Sent with every request. */
  readonly headers: Record<string, string>;

  constructor(origin: string, fetch: typeof globalThis.fetch, headers: Record<string, string> = {}) {
    this.#origin = origin;
    this.#fetch = fetch;
    this.headers = { accept: 'text/html', ...headers };
  }

  /** Goes to a page; ends where the answer is no redirect, or one to another site, whose URL is then the page's. */
  async open(
    url: URL | string,
    init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    let target = new URL(url, this.#origin);
    let { method = 'GET', body } = init;
    for (let hops = 0; hops < 10; hops++) {
      if (target.origin !== this.#origin)
        return { url: target, status: 0, headers: new Headers() as never, text: '', forms: [] };
      const response = await this.#fetch(target.href, {
        method,
        body,
        redirect: 'manual',
        headers: { ...this.headers, ...init.headers, cookie: this.#cookiesFor(target.pathname) },
      });
      this.#keep(response as unknown as Response);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        const text = await response.text();
        return { url: target, status: response.status, headers: response.headers as never, text, forms: formsOf(text) };
      }
      await response.arrayBuffer();
      target = new URL(location, target);
      method = 'GET';
      body = undefined;
    }
    throw new Error('redirected in a circle');
  }

  /** Sends a form of a page, as pressing a button does. */
  async submit(
    page: Page,
    fields: Record<string, string>,
    { form = 0, button }: { form?: number; button?: string } = {},
  ): Promise<Page> {
    const chosen = page.forms[form];
    if (chosen === undefined) throw new Error(`no form on ${page.url.href} (${page.status}):\n${page.text}`);
    // Without a name of it, the first one: what the Enter key presses.
    const pressed = button === undefined ? chosen.buttons[0] : chosen.buttons.find(({ value }) => value === button);
    const said = pressed === undefined || pressed.name === '' ? {} : { [pressed.name]: pressed.value };
    const sent = { ...chosen.fields, ...said, ...fields };
    return await this.open(new URL(chosen.action, page.url), { method: 'POST', body: new URLSearchParams(sent) });
  }

  #cookiesFor(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => cookie.path === '/' || path === cookie.path || path.startsWith(`${cookie.path}/`))
      .map(([name, { value }]) => `${name.split(' ')[0]}=${value}`)
      .join('; ');
  }

  #keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
      const gone = value === '' || attributes.some((one) => /^expires=.*1970/i.test(one));
      const key = `${name} ${path}`;
      if (gone) this.cookies.delete(key);
      else this.cookies.set(key, { value, path });
    }
  }
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const plain = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] as string);
const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : plain(found);
};

function formsOf(text: string): Form[] {
  return [...text.matchAll(/<form [^>]*>[\s\S]*?<\/form>/g)].map(([form]) => {
    const inputs = [...form.matchAll(/<input [^>]*>/g)].map(
      ([tag]) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? ''] as const,
    );
    const buttons = [...form.matchAll(/<button [^>]*>/g)].map(([tag]) => ({
      name: attribute(tag, 'name') ?? '',
      value: attribute(tag, 'value') ?? '',
    }));
    return { action: attribute(form, 'action') ?? '', fields: Object.fromEntries(inputs), buttons };
  });
}
