/**
 * Where secrets stand in what is sent and received: as they are, or encoded. Masks put `$NAME` there, shell commands
 * what makes the same of the variable.
 *
 * Works on "binary" text: a character a byte, UTF-8. So bodies that are no text are looked through too.
 */

/** How a secret stands somewhere. `within`: with something before or after it, in Base64. */
export type Form = 'plain' | 'percent' | 'percent-twice' | 'json' | 'html' | 'base64' | 'base64url';

/** A place where a secret stands, or the text between two. */
export type Found =
  | { readonly literal: string }
  | {
      readonly name: string;
      readonly form: Form;
      /** Base64 only: what is encoded together with the secret, and whether `=` fills it up. */
      readonly before: string;
      readonly after: string;
      readonly filled: boolean;
    };

/** Shorter secrets are found only where they stand alone: `admin` is also a word. */
const SHORT = 6;
/** Secrets under this length are not looked for within Base64, where chance would find them. */
const IN_BASE64 = 4;
const BASE64 = /[A-Za-z0-9+/_-]{8,}={0,2}/g;

export const binary = (text: string): string => Buffer.from(text).toString('latin1');
export const fromBinary = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Finds secrets in binary text. */
export class SecretFinder {
  readonly #forms = new Map<string, { readonly name: string; readonly form: Form }>();
  readonly #pattern: RegExp | undefined;
  readonly #plain: { readonly secret: string; readonly name: string }[] = [];

  /** @param secrets to the name of the variable that stands for each */
  constructor(secrets: ReadonlyMap<string, string>) {
    for (const [secret, name] of secrets) {
      if (secret === '') continue;
      for (const [form, text] of formsOf(secret)) {
        if (!this.#forms.has(text)) this.#forms.set(text, { name, form });
      }
      if (secret.length >= IN_BASE64) this.#plain.push({ secret: binary(secret), name });
    }
    // Longer ones first: one secret can be the beginning of another.
    const texts = [...this.#forms.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
    if (texts.length === 0) return;
    const alternatives = texts.map((text) => {
      const quoted = text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      return text.length < SHORT ? `(?<![A-Za-z0-9])${quoted}(?![A-Za-z0-9])` : quoted;
    });
    this.#pattern = new RegExp(alternatives.join('|'), 'g');
  }

  /** Splits binary text at its secrets; one literal, or none where it is empty, where there is no secret in it. */
  split(text: string): Found[] {
    if (text === '') return [];
    if (!this.#pattern) return [{ literal: text }];
    const parts: Found[] = [];
    let at = 0;
    for (const match of text.matchAll(this.#pattern)) {
      if (match.index > at) this.#encoded(text.slice(at, match.index), parts);
      parts.push({
        ...(this.#forms.get(match[0]) as { name: string; form: Form }),
        before: '',
        after: '',
        filled: match[0].endsWith('='),
      });
      at = match.index + match[0].length;
    }
    if (at < text.length) this.#encoded(text.slice(at), parts);
    return parts;
  }

  /** Looks into Base64: `user:password` of Basic. */
  #encoded(text: string, parts: Found[]): void {
    let at = 0;
    for (const [token] of this.#plain.length > 0 ? text.matchAll(BASE64) : []) {
      const decoded = Buffer.from(token, 'base64').toString('latin1');
      const hit = this.#plain.find(({ secret }) => decoded.includes(secret));
      if (!hit) continue;
      const index = text.indexOf(token, at);
      const inner = decoded.indexOf(hit.secret);
      if (index > at) parts.push({ literal: text.slice(at, index) });
      parts.push({
        name: hit.name,
        form: /[-_]/.test(token) ? 'base64url' : 'base64',
        before: decoded.slice(0, inner),
        after: decoded.slice(inner + hit.secret.length),
        filled: token.endsWith('='),
      });
      at = index + token.length;
    }
    if (at < text.length) parts.push({ literal: text.slice(at) });
  }
}

function* formsOf(secret: string): Generator<[Form, string]> {
  const plain = binary(secret);
  yield ['plain', plain];
  const percent = percentEncoded(secret);
  for (const text of [
    percent,
    percent.replace(/%../g, (encoded) => encoded.toLowerCase()),
    percent.replaceAll('%20', '+'),
  ]) {
    yield ['percent', text];
  }
  // Every reserved character, as strict encoders do it.
  yield ['percent', percent.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)];
  yield ['percent-twice', percentEncoded(percent)];
  yield ['json', binary(JSON.stringify(secret).slice(1, -1))];
  yield ['html', binary(htmlEncoded(secret))];
  yield ['html', binary(htmlEncoded(secret).replaceAll('&#39;', '&#x27;'))];
  if (secret.length < IN_BASE64) return;
  const bytes = Buffer.from(secret);
  yield ['base64', bytes.toString('base64')];
  yield ['base64', bytes.toString('base64').replace(/=+$/, '')];
  yield ['base64url', bytes.toString('base64url')];
}

/** As encodeURIComponent, which throws for lone surrogates. */
const percentEncoded = (text: string): string => encodeURIComponent(text.toWellFormed());

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const htmlEncoded = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] as string);
