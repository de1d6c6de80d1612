import type { Exchange } from '../model/exchange.ts';
import { cut, visible } from './visible.ts';

/** Characters (or bytes) of one body, and of one header. */
const BODY = 2_000;
const HEADER = 500;
const HEADERS = 50;

type Json = Readonly<Record<string, unknown>>;

/** The exchange that shows a finding, as `webRequest` and `webResponse` of SARIF (3.46, 3.47). */
export function webMessages(exchange: Exchange | undefined): { webRequest?: Json; webResponse?: Json } {
  if (exchange === undefined) return {};
  const { request, answer } = exchange;
  return {
    webRequest: {
      protocol: 'HTTP',
      version: '1.1',
      target: visible(cut(request.target, BODY)),
      method: visible(cut(request.method, HEADER)),
      headers: headersOf(request.headers),
      ...contentOf(request.body),
    },
    webResponse:
      answer.status === 0
        ? { noResponseReceived: true }
        : {
            protocol: 'HTTP',
            version: '1.1',
            statusCode: answer.status,
            headers: headersOf(answer.headers),
            ...contentOf(answer.body),
          },
  };
}

/** Repeated names are joined: SARIF knows one value a name. */
function headersOf(headers: Iterable<readonly [string, string]>): Json {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    if (joined.size >= HEADERS) break;
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const out: Record<string, string> = Object.create(null);
  for (const [name, value] of joined) out[visible(cut(name, HEADER))] = visible(cut(value, HEADER));
  return out;
}

function contentOf(body: string | Uint8Array | undefined): { body?: Json } {
  if (body === undefined || body.length === 0) return {};
  if (typeof body === 'string') return { body: { text: visible(cut(body, BODY)) } };
  const start = body.subarray(0, BODY);
  try {
    return { body: { text: visible(new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true })) } };
  } catch {
    return { body: { binary: Buffer.from(start).toString('base64') } };
  }
}
