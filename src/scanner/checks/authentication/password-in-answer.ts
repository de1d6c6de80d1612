import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { leavesOf } from './shared/answers.ts';

const SHORTEST = 6;
const LONGEST_BODY = 262_144;
const PASSWORD_FIELD =
  /"([^"\\]{0,60}(?:password|passwd|passphrase|pwd)[^"\\]{0,60})"\s*:\s*"((?:[^"\\]|\\.){6,200})"/gi;
const FORM_FIELD = /(?:^|&)[^=&]{0,60}(?:password|passwd|passphrase|pwd)[^=&]{0,60}=([^&]{6,200})/gi;

/** A password in plain text in an answer: the one that was sent, or one that is stored. */
export const check: Check = {
  id: 'password-in-answer',
  group: 'authentication',
  title: 'Answers with passwords',
  practice: 'authenticate',
  cwe: 'CWE-312',
  owasp: 'API3:2023',
  severity: 'high',
  why: 'A password in an answer lies in caches, logs and the memory of clients, and shows that it is stored (or at least handled) in plain text. People use it elsewhere too.',
  mend: 'Store only a slow hash (Argon2id), and name the fields an answer has, one by one. Portcullis removes what the contract does not name, and marked fields.',

  observe(exchange, context) {
    const { answer } = exchange;
    if (answer.body.length === 0 || answer.body.length > LONGEST_BODY) return;
    const passwords = passwordsNear(exchange, context);
    if (passwords.size === 0 || ![...passwords].some((password) => answer.text.includes(password))) return;
    const found = leavesOf(answer.json).find(({ value }) => typeof value === 'string' && passwords.has(value));
    if (found === undefined) return;
    const { operation } = exchange;
    void context.report({
      message: `${operation?.key ?? exchange.request.target} answers with a password in plain text at ${found.path}`,
      operation,
      place: `answer ${found.path}`,
      proof: { exchanges: [exchange], marks: [String(found.value)] },
      again: async () => await again(context, exchange, found.path),
    });
  },
};

/** Passwords of identities, and those that the request brings. */
function passwordsNear({ request }: Exchange, context: CheckContext): Set<string> {
  const passwords = new Set<string>();
  for (const { login } of context.identities) {
    if (login !== undefined && login.password.length >= SHORTEST) passwords.add(login.password);
  }
  const { body } = request;
  if (typeof body === 'string' && body.length <= 65_536 && /pass|pwd/i.test(body)) {
    for (const [, , value = ''] of body.matchAll(PASSWORD_FIELD)) passwords.add(unescaped(value));
    for (const [, value = ''] of body.matchAll(FORM_FIELD)) passwords.add(value.replaceAll('+', ' '));
  }
  return passwords;
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** The same request once more; where that cannot work a second time (a name that is taken), a fresh one. */
async function again(context: CheckContext, exchange: Exchange, path: string): Promise<Proof | undefined> {
  const { operation, request } = exchange;
  const as = context.identities.find(({ name }) => name === exchange.as);
  const shows = (one: Exchange): Proof | undefined => {
    const passwords = passwordsNear(one, context);
    const found = leavesOf(one.answer.json).find((leaf) => leaf.path === path && passwords.has(String(leaf.value)));
    return found && { exchanges: [one], marks: [String(found.value)] };
  };
  const same = shows(await context.request(request, { operation, as: exchange.as }));
  if (same !== undefined || operation === undefined) return same;
  const someone = as ?? context.identities[0];
  const fresh = someone && (await context.prepare(operation, someone));
  return fresh && shows(await context.send(fresh, as ?? null));
}
