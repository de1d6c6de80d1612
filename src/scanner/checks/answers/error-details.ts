import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, sentBefore } from './observed.ts';

/** Characters of an answer that are searched. */
const SEARCHED = 64 * 1024;

/** What errors give away: kind, and how it looks. Line ends may be escaped, as in JSON. */
const LEAKS: readonly { readonly kind: string; readonly looks: RegExp }[] = [
  { kind: 'a stack trace', looks: /(?:\n|\\n)\s{0,16}at [^\n\\"]{1,200}?:\d+(?::\d+)?\)?/ },
  { kind: 'a stack trace', looks: /\bat [\w$.<>]{3,200}\([\w$]{1,80}\.(?:java|kt|scala|groovy):\d+\)/ },
  { kind: 'a stack trace', looks: /\bat [\w.<>`[\],]{3,200}\([^()\n]{0,200}\) in [^\n]{1,200}:line \d+/ },
  { kind: 'a stack trace', looks: /Traceback \(most recent call last\)|File \\?"[^"\n]{1,200}\.py\\?", line \d+/ },
  {
    kind: 'a stack trace',
    looks: /[\w./-]{1,200}\.(?:rb|php):\d+:in [`']|\bon line <?b?>?\d+|Stack trace:(?:\n|\\n)#0/,
  },
  { kind: 'a stack trace', looks: /goroutine \d+ \[running\]|panicked at [^\n]{1,200}\.rs:\d+/ },
  {
    kind: 'a database error',
    looks:
      /SQLSTATE\[?\w{5}|\bSQLITE_[A-Z]{3,20}\b|\bORA-\d{5}\b|\bMongo(?:Server|Network)?Error\b|\bER_[A-Z_]{4,40}\b/,
  },
  {
    kind: 'a database error',
    looks:
      /You have an error in your SQL syntax|syntax error at or near|unrecognized token: |near \\?"[^"\n]{0,80}\\?": syntax error|no such (?:column|table): |Unclosed quotation mark|(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed/i,
  },
  {
    kind: 'an SQL statement',
    looks:
      /\bSELECT\s[^\n]{1,400}?\sFROM\s+[\w"`[.]|\bINSERT\s+INTO\s+[\w"`[.]+\s*\(|\bUPDATE\s+[\w"`[.]+\s+SET\s|\bDELETE\s+FROM\s+[\w"`[.]+\s+WHERE\b/,
  },
  {
    kind: 'a path of the server',
    looks:
      /(?:\/(?:home|usr|var|opt|srv|root|app|etc)\/[\w.@-]+\/[\w./@-]{2,200}|\b[A-Z]:\\{1,2}(?:Users|Windows|inetpub|Program Files)\\[\w\\. -]{2,200}|node_modules\/[\w./@-]{2,200})/,
  },
];

/** Errors say how the API is built. */
export const check: Check = {
  id: 'error-details',
  group: 'answers',
  title: 'Errors give internals away',
  practice: 'necessary-only',
  cwe: 'CWE-209',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Stack traces, statements and paths tell an attacker which software runs, which versions, and how a query is put together: the map for the next attack.',
  mend: 'Answer errors with a short text of your own and log the rest. Portcullis replaces the bodies of 5xx answers (disclosure.errors).',

  observe(exchange, context) {
    const { answer } = exchange;
    if (answer.status < 400 && (answer.status === 0 || context.outcome(exchange) === 'success')) return;
    const kinds = new Set<string>();
    for (const leak of LEAKS) {
      if (kinds.has(leak.kind)) continue;
      const found = marksOf(exchange, leak.looks);
      if (!found) continue;
      kinds.add(leak.kind);
      void context.report({
        message: `an answer with ${answer.status} holds ${leak.kind}`,
        operation: exchange.operation,
        cause: leak.kind,
        proof: { exchanges: [exchange], marks: found },
        again: again(context, exchange, (shown) => marksOf(shown, leak.looks)),
      });
    }
  },
};

function marksOf(exchange: Exchange, looks: RegExp): readonly string[] | undefined {
  if (exchange.answer.body.length === 0) return undefined;
  const found = looks.exec(exchange.answer.text.slice(0, SEARCHED))?.[0];
  if (found === undefined || sentBefore(exchange, found.trim())) return undefined;
  return [found.trim().slice(0, 200)];
}
