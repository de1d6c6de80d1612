import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, sentBefore } from './observed.ts';

const HEADERS = [
  'server',
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-generator',
  'x-runtime',
  'x-version',
  'via',
];
/**
 * Servers that name themselves, and often the language below, unless they are told not to. That is the habit of a
 * product, and worth a word; what an API adds of its own accord is worth more.
 */
const HABITS =
  /^(?:(?:nginx|openresty|Apache|Apache-Coyote|Tomcat|Jetty|Microsoft-(?:IIS|HTTPAPI)|Kestrel|Werkzeug|gunicorn|uvicorn|hypercorn|daphne|waitress|Python|CPython|PHP|Phusion Passenger|Puma|WEBrick|thin|lighttpd|LiteSpeed|Caddy|envoy|Varnish|Cowboy|TornadoServer|aiohttp|BaseHTTP|SimpleHTTP|Undertow|GlassFish|WildFly|OpenSSL|mod_\w+|Ruby|WSGIServer|Express|ASP\.NET)[/( ]?v?[\d.]*[\w.)-]*(?:\s*\([^)]{0,60}\))?[\s,]*)+$/i;
/** A product with a version, as on an error page or in a text. */
const PRODUCT =
  /\b(nginx|Apache(?: Tomcat)?|Tomcat|Jetty|PHP|Express|Node(?:\.?js)?|Kestrel|IIS|Werkzeug|gunicorn|uvicorn|Python|OpenSSL|Ruby|Rails|Puma|WEBrick|Django|Flask|Laravel|SQLite|PostgreSQL|MySQL|MariaDB|MongoDB|Redis|Oracle Database|openresty)[/ ]v?\d{1,4}(?:\.\d{1,6}){1,3}/i;

/** Answers name the software, and its version. */
export const check: Check = {
  id: 'software-versions',
  group: 'answers',
  title: 'Answers name software and versions',
  practice: 'necessary-only',
  cwe: 'CWE-200',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'A version leads straight to the list of its known vulnerabilities; automatic attackers search for exactly that.',
  mend: 'Take these headers out, and versions out of error texts. Portcullis removes the headers (disclosure.headers).',

  observe(exchange, context) {
    for (const name of HEADERS) {
      const value = exchange.answer.headers.get(name);
      if (value === undefined || (name === 'via' && !/[/ ]\d+\.\d+\.\d/.test(value))) continue;
      const version = /\d+\.\d+/.test(value);
      // A bare name such as `nginx` is no secret worth a word, but what is put there to boast is.
      if (!version && name === 'server') continue;
      const severity = version && !(value.length < 200 && HABITS.test(value)) ? 'low' : 'informational';
      void context.report({
        message: version
          ? `the header ${name} names a version: ${value.slice(0, 80)}`
          : `the header ${name} names software: ${value.slice(0, 80)}`,
        operation: exchange.operation,
        place: `header ${name}`,
        cause: `header ${name}`,
        severity,
        proof: { exchanges: [exchange], marks: [value] },
        again: again(context, exchange, ({ answer }) =>
          answer.headers.has(name) ? [answer.headers.get(name) as string] : undefined,
        ),
      });
    }
    const { status } = exchange.answer;
    if (status < 400 && (status === 0 || context.outcome(exchange) === 'success')) return;
    const found = inBody(exchange);
    if (!found) return;
    void context.report({
      message: `an error text names a version: ${found[0]}`,
      operation: exchange.operation,
      cause: 'error text',
      severity: isOfServer(exchange, found[0] as string) ? 'informational' : 'low',
      proof: { exchanges: [exchange], marks: found },
      again: again(context, exchange, inBody),
    });
  },
};

function inBody(exchange: Exchange): readonly string[] | undefined {
  const { answer } = exchange;
  if (answer.body.length === 0) return undefined;
  const found = PRODUCT.exec(answer.text.slice(0, 16_384))?.[0];
  return found === undefined || sentBefore(exchange, found) ? undefined : [found];
}

/** The page that a web server has for errors, with its own name at the foot. */
const isOfServer = ({ answer }: Exchange, product: string): boolean =>
  answer.mediaType === 'text/html' &&
  answer.body.length < 4_096 &&
  /^(?:nginx|Apache|Tomcat|Jetty|IIS|openresty)/i.test(product);
