import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Severity } from '../../model/finding.ts';

const SESSION = /(sess|sid$|^sid|token|auth|jwt|login|remember|connect\.)/i;
/** Read by scripts on purpose. */
const SCRIPT = /(csrf|xsrf)/i;

interface Fault {
  readonly flag: string;
  readonly severity: Severity;
  readonly says: string;
}

/** Flags of session cookies: RFC 6265bis section 4.1.2. */
export const check: Check = {
  id: 'session-cookie',
  group: 'authentication',
  title: 'Session cookies without their flags',
  practice: 'authenticate',
  cwe: 'CWE-1004',
  owasp: 'API2:2023',
  severity: 'low',
  why: 'Without HttpOnly a script reads the session, without Secure it goes over plain HTTP, without SameSite other sites send it along.',
  mend: 'Set `HttpOnly; Secure; SameSite=Lax` (or Strict) and the prefix `__Host-`. Portcullis can add the flags on the way out.',

  observe(exchange, context) {
    const lines = exchange.answer.headers.get('set-cookie');
    if (lines === undefined) return;
    for (const { name, line, faults } of faultsOf(lines, context)) {
      for (const fault of faults) {
        void context.report({
          message: `the session cookie ${name} ${fault.says}`,
          operation: exchange.operation,
          place: `cookie ${name}`,
          cause: `${name} ${fault.flag}`,
          severity: fault.severity,
          proof: { exchanges: [exchange], marks: [line.slice(0, 200)] },
          again: async () => {
            const second = await context.request(exchange.request, { operation: exchange.operation, as: exchange.as });
            return stillThere(second, name, fault, context) ? { exchanges: [second], marks: [name] } : undefined;
          },
        });
      }
    }
  },
};

const stillThere = ({ answer }: Exchange, name: string, fault: Fault, context: CheckContext): boolean =>
  faultsOf(answer.headers.get('set-cookie') ?? '', context).some(
    (cookie) => cookie.name === name && cookie.faults.some(({ flag }) => flag === fault.flag),
  );

function faultsOf(lines: string, context: CheckContext): { name: string; line: string; faults: Fault[] }[] {
  const overTls = context.base.protocol === 'https:';
  const found: { name: string; line: string; faults: Fault[] }[] = [];
  for (const line of lines.split('\n').slice(0, 20)) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals <= 0 || pair.length === equals + 1 || !SESSION.test(name) || SCRIPT.test(name)) continue;
    // A cookie that is being deleted needs no flags.
    if (attributes.some((attribute) => /^max-age=(0|-)/i.test(attribute) || /^expires=.*\b(19\d\d)\b/i.test(attribute)))
      continue;
    const has = (flag: string): string | undefined =>
      attributes.find((attribute) => attribute.toLowerCase().startsWith(flag));
    const faults: Fault[] = [];
    if (has('httponly') === undefined)
      faults.push({ flag: 'HttpOnly', severity: 'low', says: 'has no HttpOnly: scripts can read it' });
    if (has('secure') === undefined) {
      // Over plain HTTP on a developer's machine the flag would break the login.
      faults.push({
        flag: 'Secure',
        severity: overTls ? 'low' : 'informational',
        says: 'has no Secure: it goes over plain HTTP',
      });
    }
    const sameSite = has('samesite')?.toLowerCase();
    if (sameSite === undefined) faults.push({ flag: 'SameSite', severity: 'informational', says: 'has no SameSite' });
    else if (sameSite === 'samesite=none')
      faults.push({ flag: 'SameSite=None', severity: 'low', says: 'is sent along by other sites (SameSite=None)' });
    found.push({ name, line, faults });
  }
  return found;
}
