import type { Exchange, ScanRequest } from '../model/exchange.ts';
import { hostOf, isLoopback, portOf } from './dial.ts';
import { encode, lengthOf, viewOf, wireHeaders } from './encode.ts';
import { unmasked } from './mask.ts';
import { partsOf } from './raw.ts';
import { binary, type Found, SecretFinder } from './secret-forms.ts';
import { grouped, type Part, printing, quoted, withRuns, word } from './shell.ts';

/** Bytes of a body that stand in the command; longer ones come through a pipe: one argument has a limit of 128 KiB. */
const MAX_ARGUMENT = 16 * 1024;
/** From this size on curl asks for leave (`Expect: 100-continue`) unless it is told not to. */
const EXPECTS = 1024 * 1024;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Targets that curl's own reading of a URL leaves as they are. */
const PLAIN_TARGET =
  /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})+)?$/;
const DOTS = /\/(?:\.|%2e)/i;

/**
 * A command for a POSIX shell that sends the request of an exchange again, byte for byte: with curl, and where curl
 * would change it (raw messages, broken headers, odd framing) with printf and nc or openssl.
 *
 * @param exchange masked ones too: the request is taken as it was
 * @param secrets to the variable of the environment that stands for each: `"$ALICE"`
 */
export function curlOf(exchange: Exchange, base: URL, secrets: ReadonlyMap<string, string>): string {
  const { request } = unmasked(exchange);
  const finder = new SecretFinder(secrets);
  const parts = (bytes: string): Part[] => withRuns(finder.split(bytes).map(partOf));
  if (request.raw !== undefined) {
    const commands = partsOf(request.raw).flatMap((part) => {
      if (typeof part === 'string') return printing(parts(binary(part)));
      if (part instanceof Uint8Array) return printing(parts(viewOf(part).toString('latin1')));
      return [`sleep ${part.pause / 1_000}`];
    });
    return `${grouped(commands)} | ${pipeTo(base)}`;
  }
  const arguments_ = curlable(request) ? curlArguments(request, base, parts) : undefined;
  if (arguments_ !== undefined) return arguments_;
  const { head, body } = encode(request, base.host);
  const bytes = Buffer.concat([head, body ?? Buffer.alloc(0)]).toString('latin1');
  return `${grouped(printing(parts(bytes)))} | ${pipeTo(base)}`;
}

/** Whether curl sends this as it is. */
function curlable({ method, target, headers, body, bodyCommand }: ScanRequest): boolean {
  if (!TOKEN.test(method) || target === '' || /[\0\r\n]/.test(target)) return false;
  if (method === 'HEAD' && (body !== undefined || bodyCommand !== undefined)) return false;
  // curl reads the body of what it takes for a tunnel, or for a HEAD without one, and hangs; the request itself is right.
  let hosts = 0;
  for (const [index, [name, value]] of headers.entries()) {
    // curl leaves out a header whose value is blank.
    if (!TOKEN.test(name) || /[\0\r\n]|^\s+$/.test(value)) return false;
    switch (name.toLowerCase()) {
      case 'transfer-encoding':
        return false;
      case 'content-length':
        if (bodyCommand === undefined && value !== String(lengthOf(body))) return false;
        break;
      case 'host':
        if (++hosts > 1 || index > 0 || name !== 'Host') return false;
    }
  }
  return true;
}

function curlArguments(request: ScanRequest, base: URL, parts: (bytes: string) => Part[]): string | undefined {
  const { method, target, body, bodyCommand } = request;
  const secure = base.protocol === 'https:';
  const command = ['curl', '-i'];
  if (secure && isLoopback(base)) command.push('-k');
  if (secure) command.push('--http1.1');
  if (method === 'HEAD') command.push('--head');
  else if (method !== 'GET' || body !== undefined || bodyCommand !== undefined) command.push('-X', argument(method));

  const has = new Set(request.headers.map(([name]) => name.toLowerCase()));
  for (const [name, value] of wireHeaders(request, base.host)) {
    const lower = name.toLowerCase();
    if (!has.has(lower) && (lower === 'host' || (lower === 'content-length' && body !== undefined))) continue;
    const header = word(parts(binary(value === '' ? `${name};` : `${name}: ${value}`)));
    if (header === undefined) return undefined;
    command.push('-H', header);
  }
  // Headers of curl's own that the request does not have.
  if (!has.has('accept')) command.push('-H', "'Accept:'");
  const sends = body !== undefined || bodyCommand !== undefined;
  if (sends && !has.has('content-type')) command.push('-H', "'Content-Type:'");
  if (!has.has('expect') && (bodyCommand !== undefined || lengthOf(body) >= EXPECTS)) command.push('-H', "'Expect:'");

  let pipe = '';
  if (bodyCommand !== undefined) {
    pipe = `${bodyCommand} | `;
    command.push('--data-binary', '@-');
  } else if (body !== undefined) {
    const bytes = typeof body === 'string' ? binary(body) : viewOf(body).toString('latin1');
    const all = parts(bytes);
    const inline = bytes.length <= MAX_ARGUMENT ? word(all) : undefined;
    if (inline === undefined) {
      pipe = `${grouped(printing(all))} | `;
      command.push('--data-binary', '@-');
    } else command.push('--data-raw', inline);
  }

  const plain = PLAIN_TARGET.test(target);
  if (plain && DOTS.test(target)) command.push('--path-as-is');
  if (base.hostname.startsWith('[')) command.push('--globoff');
  if (!plain) {
    const exact = word(parts(binary(target)));
    if (exact === undefined) return undefined;
    command.push('--request-target', exact);
  }
  const url = word(parts(binary(plain ? base.origin + target : `${base.origin}/`)));
  if (url === undefined) return undefined;
  command.push(url);
  return pipe + command.join(' ');
}

/** What stands alone where it can. */
const argument = (text: string): string => (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(text) ? text : quoted(text));

/** What sends its input to the host, and prints what comes back. */
function pipeTo(base: URL): string {
  const host = hostOf(base);
  const port = portOf(base);
  if (base.protocol === 'http:') return `nc ${argument(host)} ${port}`.replace(/'([0-9a-z.:-]+)'/i, '$1');
  const name = base.hostname.startsWith('[') || /^[\d.]+$/.test(host) ? '-noservername' : `-servername ${host}`;
  return `openssl s_client -quiet ${name} -connect ${base.hostname}:${port}`;
}

/** What makes of the variable what stands in the request. */
function partOf(found: Found): Part {
  if ('literal' in found) return found;
  const { name, form, before, after, filled } = found;
  const plain = `printf %s "$${name}"`;
  switch (form) {
    case 'plain':
      return { variable: name };
    case 'json':
      return { code: `${plain} | sed 's/[\\\\"]/\\\\&/g'` };
    case 'html':
      return { code: `${plain} | sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\\"/\\&quot;/g; s/'/\\&#39;/g"` };
    // Every byte is encoded: another spelling of the same.
    case 'percent':
      return { code: `${plain} | od -An -v -tx1 | tr -d '\\n' | tr ' ' %` };
    case 'percent-twice':
      return { code: `${plain} | od -An -v -tx1 | tr -d '\\n' | sed 's/ /%25/g'` };
    default: {
      const source = printing([
        ...(before ? [{ literal: before }] : []),
        { variable: name },
        ...(after ? [{ literal: after }] : []),
      ]);
      const url = form === 'base64url' ? " | tr '+/' '-_'" : '';
      return { code: `${grouped(source)} | base64 | tr -d '\\n${filled ? '' : '='}'${url}` };
    }
  }
}
