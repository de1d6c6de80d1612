import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Requests that two readers read differently. Each has a body that one of them takes for the next request. */
const AMBIGUOUS: readonly {
  readonly name: string;
  readonly severity: Severity;
  head(target: string): string;
  readonly body: string;
}[] = [
  {
    name: 'Content-Length beside Transfer-Encoding',
    // Allowed, where the length is not believed and the connection is closed (RFC 9112, section 6.3).
    severity: 'informational',
    head: (target) => `POST ${target} HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n`,
    body: '0\r\n\r\n',
  },
  {
    name: 'two different Content-Length',
    severity: 'medium',
    head: (target) => `POST ${target} HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n`,
    body: 'AAAAA',
  },
  {
    name: 'a space before the colon of Transfer-Encoding',
    severity: 'medium',
    head: (target) => `POST ${target} HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding : chunked\r\n`,
    body: '0\r\n\r\n',
  },
  {
    name: 'Transfer-Encoding of an unknown kind',
    severity: 'medium',
    head: (target) => `POST ${target} HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: xchunked\r\n`,
    body: '0\r\n\r\n',
  },
  {
    name: 'two Host headers',
    severity: 'informational',
    head: (target) => `GET ${target} HTTP/1.1\r\nHost: other.example\r\n`,
    body: '',
  },
  {
    name: 'a header line that is folded',
    severity: 'informational',
    head: (target) => `GET ${target} HTTP/1.1\r\nX-Folded: a\r\n b\r\n`,
    body: '',
  },
];
const DEADLINE = 3_000;
/** Headers of proxies, caches and the networks that deliver. */
const FRONTS = [
  'via',
  'x-cache',
  'x-served-by',
  'cf-ray',
  'x-amz-cf-id',
  'x-varnish',
  'x-envoy-upstream-service-time',
  'fly-request-id',
];

/** Requests that can be read in two ways are served. */
export const check: Check = {
  id: 'ambiguous-requests',
  group: 'fuzzing',
  title: 'Requests that can be read in two ways are served',
  practice: 'validate',
  cwe: 'CWE-444',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Where something in front reads the end of a request elsewhere than the API, an attacker puts a second request into the first, past every check, or before the request of somebody else.',
  mend: 'Refuse them with 400 (RFC 9112, section 6.3). Portcullis refuses ambiguity and never relays raw bytes.',

  async run(context) {
    await context.each(AMBIGUOUS, async (form) => {
      const proof = await attempt(context, form);
      if (!proof) return;
      const front = frontOf(proof);
      await context.report({
        message: `a request with ${form.name} is served${front && form.severity !== 'informational' ? `, and something stands in front (${front})` : ''}`,
        place: form.name,
        cause: form.name,
        // One reader alone cannot disagree with anybody.
        severity: front === undefined ? 'informational' : form.severity,
        proof,
        again: () => attempt(context, form),
      });
    });
  },
};

/** What says that somebody else reads the requests first. */
function frontOf({ exchanges }: Proof): string | undefined {
  const headers = exchanges.at(-1)?.answer.headers;
  return FRONTS.find((name) => headers?.has(name) === true);
}

/** Served means: it is answered as the same request without the ambiguity is, and that is not how bad requests are answered. */
async function attempt(context: CheckContext, { head, body }: (typeof AMBIGUOUS)[number]): Promise<Proof | undefined> {
  const target = `${context.base.pathname.replace(/\/$/, '')}/no-such-path`;
  const method = head(target).split(' ', 1)[0];
  const rest = `Host: ${context.base.host}\r\nConnection: close\r\n\r\n`;
  const plain = await context.raw(`${method} ${target} HTTP/1.1\r\nContent-Length: 0\r\n${rest}`, {
    timeout: DEADLINE,
  });
  const bad = await context.raw(`${method} ${target} HTTP/1.1\r\nContent-Length: x\r\n${rest}`, { timeout: DEADLINE });
  if (plain.answer.status === 0 || plain.answer.status === 400 || bad.answer.status === plain.answer.status)
    return undefined;
  const shown = await context.raw(`${head(target)}${rest}${body}`, { timeout: DEADLINE });
  return shown.answer.status === plain.answer.status ? { exchanges: [plain, bad, shown], marks: [] } : undefined;
}
