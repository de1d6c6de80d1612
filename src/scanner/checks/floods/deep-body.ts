import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { abridged, type JsonCall, jsonCalls, serves, withBody } from './bodies.ts';
import { repeated } from './filled.ts';

const TRIED = 4;
const DEADLINE = 15_000;
/** Levels, digits and properties of the control. */
const SMALL = 2;

/** A text, and the shell commands that print it. */
interface Text {
  readonly text: string;
  readonly commands: readonly string[];
}

const run = (text: string, count: number): Text => ({ text: text.repeat(count), commands: [repeated(text, count)] });
const plain = (text: string): Text => ({
  text,
  commands: [`printf '${text.replaceAll("'", "'\\''").replaceAll('%', '%%')}'`],
});
const joined = (...parts: readonly Text[]): Text => ({
  text: parts.map(({ text }) => text).join(''),
  commands: parts.flatMap(({ commands }) => commands),
});
const nestedArrays = (levels: number): Text => joined(run('[', levels), run(']', levels));
const nestedObjects = (levels: number): Text => joined(run('{"a":', levels), plain('1'), run('}', levels));

/** Bodies that cost more than they weigh. Small ones first: caps on size let them pass, and they are kinder. */
const COSTLY: readonly { readonly name: string; readonly sizes: readonly number[]; of(size: number): Text }[] = [
  { name: 'nested objects', sizes: [2_000, 9_000, 50_000], of: nestedObjects },
  { name: 'nested arrays', sizes: [2_000, 10_000, 30_000, 100_000], of: nestedArrays },
  { name: 'a number of many digits', sizes: [10_000, 100_000], of: (digits) => run('9', digits) },
  {
    name: 'many properties',
    sizes: [5_000, 20_000],
    of: (count) => ({
      text: `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`,
      commands: [`printf '{'; seq -f '"k%.0f":0' -s, 0 ${count - 1} | tr -d '\\n'; printf '}'`],
    }),
  },
];

/** A small body that costs much brings the server down. */
export const check: Check = {
  id: 'deep-body',
  group: 'floods',
  title: 'Small, costly bodies bring errors or silence',
  practice: 'throttle',
  cwe: 'CWE-674',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'Nesting overflows stacks and long numbers cost quadratic time: a hundred kilobytes stop a process.',
  mend: 'Cap depth, properties and digits while parsing. Portcullis does (limits.depth and its neighbours).',

  async run(context) {
    for (const json of jsonCalls(context, TRIED)) {
      for (const around of [asWhole, ...withinMember(context, json)]) {
        for (const { name, sizes, of } of COSTLY) {
          // The smallest that does it: it is the clearest, and the next ones say nothing more.
          for (const size of sizes)
            if (await judge(context, json, name, size, around(of(size)), around(of(SMALL)))) break;
        }
      }
    }
  },
};

async function judge(
  context: CheckContext,
  json: JsonCall,
  name: string,
  size: number,
  body: Text,
  small: Text,
): Promise<boolean> {
  const attempt = async (): Promise<Proof | undefined> => await breaks(context, json, body, small);
  const proof = await attempt();
  if (!proof) return false;
  const { status, failure } = (proof.exchanges.at(-1) as Exchange).answer;
  return await context.report({
    message: `a body of ${Math.ceil(body.text.length / 1024)} KB (${name}: ${size}) is answered with ${status || failure}`,
    operation: json.operation,
    place: 'body',
    cause: name,
    proof,
    again: attempt,
  });
}

async function breaks(context: CheckContext, json: JsonCall, body: Text, small: Text): Promise<Proof | undefined> {
  const shown = await ask(context, json, body.text);
  if (!isBroken(shown)) return undefined;
  // Who answers the same with two levels so, or every body of this size, has another weakness, which another check tells.
  const bad = await ask(context, json, small.text);
  if (isBroken(bad)) return undefined;
  const flat = await ask(context, json, `["${'a'.repeat(Math.max(1, body.text.length - 4))}"]`);
  if (isBroken(flat) && flat.answer.failure !== 'timeout') return undefined;
  // A connection that is closed on a bad body, while the server goes on, is a refusal.
  if (shown.answer.failure === 'reset' && (await serves(context))) return undefined;
  const command = `{ ${body.commands.join('; ')}; }`;
  return { exchanges: [bad, abridged(shown, command)], marks: [] };
}

function isBroken({ answer: { status, failure } }: Exchange): boolean {
  return (status >= 500 && status !== 501 && status !== 503) || failure === 'timeout' || failure === 'reset';
}

async function ask(context: CheckContext, json: JsonCall, body: string): Promise<Exchange> {
  return await context.request(
    withBody(context, json, body),
    { operation: json.operation, as: json.as?.name },
    { fresh: true, timeout: DEADLINE },
  );
}

type Around = (text: Text) => Text;

const asWhole: Around = (text) => text;

/** The body of a call that works, with the text in the place of one of its members: what is read before the whole is judged. */
function withinMember(context: CheckContext, { call, operation }: JsonCall): Around[] {
  // A name with a wrong password, many times, locks somebody out.
  if (context.known.login.includes(operation)) return [];
  const value = call.body?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !context.mayTry(call)) return [];
  const members = Object.entries(value);
  // One that is a container already may be walked into; else the first there is.
  const [name] = members.find(([, member]) => typeof member === 'object' && member !== null) ?? members[0] ?? [];
  if (name === undefined) return [];
  const rest = JSON.stringify(Object.fromEntries(members.filter(([key]) => key !== name))).slice(1, -1);
  const head = `{${rest === '' ? '' : `${rest},`}${JSON.stringify(name)}:`;
  return [(text) => joined(plain(head), text, plain('}'))];
}
