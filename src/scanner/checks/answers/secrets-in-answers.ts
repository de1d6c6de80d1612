import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Severity } from '../../model/finding.ts';
import { again, isDeclared, sentBefore, within } from './observed.ts';
import { FORMS, isCard, kindByName, type SecretKind } from './secrets.ts';
import { rememberSent, wasSent } from './sent.ts';
import { undeclaredIn } from './undeclared.ts';

/** Answers of an operation that are searched. */
const ANSWERS = 100;
/** Values of an answer that are looked at, how deep, and characters of each. */
const VALUES = 5_000;
const DEPTH = 60;
const CHARACTERS = 4_096;
/** Characters of an answer that is no JSON. */
const TEXT = 64 * 1024;

interface Secret extends SecretKind {
  readonly pointer: string;
  readonly value: string;
}

/** Passwords, hashes, keys and card numbers leave in answers, declared or not. */
export const check: Check = {
  id: 'secrets-in-answers',
  group: 'answers',
  title: 'Secrets leave in answers',
  practice: 'necessary-only',
  cwe: 'CWE-522',
  owasp: 'API3:2023',
  severity: 'high',
  why: 'A password hash can be guessed offline, a key can be used at once. Nobody who calls an API needs either.',
  mend: 'Never select these columns. Take them out of the contract too; Portcullis then strips them (disclosure), and masks x-portcullis-sensitive fields.',

  observe(exchange, context) {
    const { operation, answer } = exchange;
    rememberSent(context, exchange);
    if (answer.status < 200 || answer.status > 299 || answer.body.length === 0) return;
    if (!within(context, operation?.key ?? '', ANSWERS)) return;
    for (const secret of secretsIn(exchange, context)) {
      const shows = (shown: Exchange): readonly string[] | undefined => {
        const same = secretsIn(shown, context).find(
          ({ kind, pointer }) => kind === secret.kind && pointer === secret.pointer,
        );
        return same && [same.value.slice(0, 60)];
      };
      void context.report({
        message: `the answer holds ${secret.kind} at ${secret.pointer || 'its top'}`,
        operation,
        place: `answer ${secret.pointer}`,
        cause: `${operation?.key ?? exchange.request.target} ${secret.kind}`,
        severity: secret.severity,
        proof: { exchanges: [exchange], marks: [secret.value.slice(0, 60)] },
        again: again(context, exchange, shows),
      });
    }
  },
};

function secretsIn(exchange: Exchange, context: CheckContext): Secret[] {
  const { json, text } = exchange.answer;
  const found = new Map<string, Secret>();
  const add = (pointer: string, value: string, kind: SecretKind | undefined): void => {
    if (kind && !isOwn(context, exchange, kind.kind, value))
      found.set(`${kind.kind} ${pointer}`, {
        ...kind,
        severity: severityOf(exchange, kind, pointer, value),
        pointer,
        value,
      });
  };
  if (typeof json !== 'object' || json === null) {
    for (const { kind, severity, looks } of FORMS) {
      const value = looks.exec(text.slice(0, TEXT))?.[0];
      if (value !== undefined) add('', value, { kind, severity });
    }
    return [...found.values()];
  }
  let left = VALUES;
  const walk = (
    at: unknown,
    pointer: string,
    name: string,
    around: Readonly<Record<string, unknown>> | undefined,
    depth: number,
  ): void => {
    if (left-- <= 0 || depth > DEPTH) return;
    if (typeof at === 'string') {
      const short = at.slice(0, CHARACTERS);
      add(pointer, at, FORMS.find(({ looks }) => looks.test(short)) ?? kindByName(short, name, around));
    } else if (typeof at === 'number') {
      if (isCard(String(at), name)) add(pointer, String(at), { kind: 'a card number', severity: 'medium' });
    } else if (Array.isArray(at))
      for (const item of at.slice(0, 100)) walk(item, `${pointer}/*`, name, around, depth + 1);
    else if (typeof at === 'object' && at !== null)
      for (const [key, item] of Object.entries(at))
        walk(item, `${pointer}/${key}`, key, at as Readonly<Record<string, unknown>>, depth + 1);
  };
  walk(json, '', '', undefined, 0);
  return [...found.values()];
}

/** Whether the scan put it there itself. A password that comes back to who just sent it is told all the same. */
function isOwn(context: CheckContext, exchange: Exchange, kind: string, value: string): boolean {
  if (wasSent(context, value)) return true;
  const { login, register } = context.known;
  const entry = exchange.operation !== undefined && [...login, ...register].includes(exchange.operation);
  // Who logs in or registers is given keys on purpose.
  if (entry && kind === 'a secret') return true;
  return kind !== 'a password' && sentBefore(exchange, value);
}

/** A secret that is shown once, when it is made, or that the contract names for who owns it, is there to be read. */
function severityOf(exchange: Exchange, { kind, severity }: SecretKind, pointer: string, value: string): Severity {
  const given = kind === 'a password' && exchange.request.method !== 'GET' && !sentBefore(exchange, value);
  if (kind !== 'a secret' && kind !== 'a card number' && !given) return severity;
  const undeclared = undeclaredIn(exchange).some((one) => pointer === one || pointer.startsWith(`${one}/`));
  return isDeclared(exchange) && !undeclared ? 'informational' : severity;
}
