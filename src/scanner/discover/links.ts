/** What a text says of other paths: links, forms, declared operations. */
export interface Told {
  /** Path, with query, as it was written; `{id}` and `:id` stand for parameters. */
  readonly target: string;
  readonly method: string;
  /** Fields of a form. */
  readonly fields?: readonly string[];
}

/** Told by one text at most. */
const MOST = 500;
const TEXT = 1024 * 1024;

/** The path and query of a link within the host; undefined for other hosts and for what is no link. */
export function within(href: string, at: URL): string | undefined {
  if (href === '' || href.length > 1_000 || /^(?:#|data:|javascript:|mailto:|tel:)/i.test(href)) return undefined;
  // Braces of templates stay as they are.
  if (!URL.canParse(href, at)) return undefined;
  const url = new URL(href, at);
  if (url.host !== at.host || !/^https?:$/.test(url.protocol)) return undefined;
  return `${url.pathname}${url.search}`
    .replace(/%7B/gi, '{')
    .replace(/%7D/gi, '}')
    .replace(/%3C/gi, '<')
    .replace(/%3E/gi, '>');
}

/** Links and forms of a page, and the scripts it loads. */
export function linksOfPage(
  html: string,
  at: URL,
): { readonly told: readonly Told[]; readonly scripts: readonly string[] } {
  const told: Told[] = [];
  const scripts: string[] = [];
  for (const [tag = ''] of html.slice(0, TEXT).matchAll(/<(?:a|link|area|script|iframe)\s[^<>]{1,2000}>/gi)) {
    const href = attribute(tag, /^<(?:script|iframe)/i.test(tag) ? 'src' : 'href');
    const target = href === undefined ? undefined : within(href, at);
    if (target === undefined) continue;
    if (/^<script/i.test(tag)) {
      if (scripts.length < 5) scripts.push(target);
    } else if (told.length < MOST) told.push({ target, method: 'GET' });
  }
  for (const [whole = '', head = '', inner = ''] of html
    .slice(0, TEXT)
    .matchAll(/<form\b([^<>]{0,2000})>([\s\S]{0,20000}?)<\/form>/gi)) {
    if (whole === '' || told.length >= MOST) break;
    const target = within(attribute(head, 'action') ?? at.pathname, at);
    if (target === undefined) continue;
    const fields = [...inner.matchAll(/<(?:input|select|textarea)\b[^<>]{1,1000}>/gi)].map(([tag]) =>
      attribute(tag, 'name'),
    );
    const method = /^post$/i.test(attribute(head, 'method') ?? '') ? 'POST' : 'GET';
    told.push({ target, method, fields: fields.filter((name) => name !== undefined).slice(0, 100) });
  }
  return { told, scripts };
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]{0,1000})"|'([^']{0,1000})'|([^\\s"'>]{1,1000}))`, 'i').exec(
    ` ${tag}`,
  );
  return (match?.[1] ?? match?.[2] ?? match?.[3])?.replaceAll('&amp;', '&');
}

/** Paths that stand in quotes in a script or text: `"/api/orders"`. */
export function pathsInCode(code: string, at: URL): readonly Told[] {
  const told: Told[] = [];
  for (const [, path = ''] of code
    .slice(0, TEXT)
    .matchAll(/["'`](\/(?:[A-Za-z0-9_\-.~]+|\{[A-Za-z_]\w*\}|\$\{[\w.]{1,60}\}|:[A-Za-z_]\w*|\/){1,40})["'`?]/g)) {
    if (told.length >= MOST) break;
    const target = within(path.replace(/\$\{[\w.]*?(\w+)\}/g, '{$1}'), at);
    if (target !== undefined) told.push({ target, method: 'GET' });
  }
  return told;
}

const OPERATION = /^\s*(GET|POST|PUT|PATCH|DELETE)\s+(\/\S{0,300})\s*$/;

/** Links of a JSON answer: HAL, JSON:API, `href`, `url`, and lists of paths or of `GET /path`. */
export function linksOfJson(json: unknown, at: URL): readonly Told[] {
  const told: Told[] = [];
  const text = (value: string, name: string): void => {
    if (told.length >= MOST || value.length > 1_000) return;
    const written = OPERATION.exec(value);
    if (written) {
      const target = within(written[2] as string, at);
      if (target !== undefined) told.push({ target, method: written[1] as string });
      return;
    }
    const link =
      /^\/[\w\-.~/{}:<>@%]*(?:\?[\w\-.~=&%]*)?$/.test(value) ||
      (/href|url|uri|link|next|prev|self|first|last|path|route|endpoint/i.test(name) && /^https?:\/\//i.test(value));
    const target = link ? within(value, at) : undefined;
    if (target !== undefined) told.push({ target, method: 'GET' });
  };
  const walk = (value: unknown, name: string, depth: number): void => {
    if (depth > 8 || told.length >= MOST) return;
    if (typeof value === 'string') text(value, name);
    else if (Array.isArray(value)) for (const item of value.slice(0, 200)) walk(item, name, depth + 1);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value).slice(0, 200)) {
        if (/^\/|^(?:GET|POST|PUT|PATCH|DELETE) \//.test(key)) text(key, 'path');
        walk(inner, key, depth + 1);
      }
    }
  };
  walk(json, '', 0);
  return told;
}

/** Targets of a Link header (RFC 8288), each with its relation. */
export function linksOfHeader(
  header: string | undefined,
  at: URL,
): readonly { readonly target: string; readonly rel: string }[] {
  const found: { target: string; rel: string }[] = [];
  for (const [, href = '', rest = ''] of (header ?? '').slice(0, 20_000).matchAll(/<([^<>]{1,1000})>([^<>]{0,500})/g)) {
    const target = within(href, at);
    const rel = /\brel\s*=\s*"?([^";,]{1,100})/i.exec(rest)?.[1]?.trim().toLowerCase() ?? '';
    if (target !== undefined && found.length < 100) found.push({ target, rel });
  }
  return found;
}

/** What robots.txt, a site map or security.txt names. */
export function linksOfText(text: string, at: URL): readonly Told[] {
  const told: Told[] = [];
  const add = (href: string): void => {
    const target = within(href, at);
    if (target !== undefined && told.length < MOST) told.push({ target, method: 'GET' });
  };
  for (const [, path = ''] of text
    .slice(0, TEXT)
    .matchAll(/^\s{0,20}(?:allow|disallow|sitemap)\s{0,5}:\s{0,5}(\S{1,500})/gim))
    add(path.replace(/[*$].*$/, ''));
  for (const [, url = ''] of text.slice(0, TEXT).matchAll(/<loc>\s{0,50}([^<\s]{1,1000})/gi)) add(url);
  return told;
}
