import type { Check, CheckContext } from '../../model/check.ts';
import { echoes, type Probe } from './common/echo.ts';
import { overPlaces, type Target } from './common/targets.ts';
import { word } from './common/words.ts';

/** Ways to write a line end; the later ones only where the value comes back in a header. */
const ENDS: readonly string[] = ['\r\n', '\n', '\r', '%0d%0a', '\u560d\u560a'];

export const check: Check = {
  id: 'header-injection',
  group: 'injection',
  title: 'Header injection',
  practice: 'validate',
  cwe: 'CWE-113',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'A line end in a value becomes a line end in the head of the answer. Callers add headers and cookies of their own, or a whole second answer that caches keep for others.',
  mend: 'Refuse control characters in values that go into headers, or encode them; use the header functions of the framework and never write the head by hand. In the contract, give the value a pattern without control characters.',
  async run(context) {
    await overPlaces(
      context,
      (target) => target.place.in !== 'header' && target.place.in !== 'cookie' && (target.reads || comesBack(target)),
      async (target) => await attack(context, target),
    );
  },
};

/** What makes or changes things is asked only where a header of its answer held the value: each request leaves something. */
function comesBack({ ground, text }: Target): boolean {
  if (ground.effect === 'remove' || text.length < 2) return false;
  const encoded = encodeURIComponent(text);
  for (const value of ground.sample.exchange.answer.headers.values()) {
    if (value.includes(text) || value.includes(encoded)) return true;
  }
  return false;
}

async function attack(context: CheckContext, target: Target): Promise<void> {
  const { operation, label, random, text } = target;
  const message = `${operation.key} writes ${label} into the head of its answer, line ends included`;
  const with_ = (end: string) => (): Probe => {
    const name = `x-${word(random)}`;
    return {
      value: `${text}${end}${name}: 1${end}x-kq: `,
      shown: ({ answer }) => (answer.headers.has(name) ? name : undefined),
    };
  };
  if (await echoes(context, target, message, with_(ENDS[0]!))) return;
  const marker = word(random);
  const plain = await target.send(`${text}${marker}`);
  let inHeader = false;
  for (const value of plain.answer.headers.values()) inHeader ||= value.includes(marker);
  if (!inHeader) return;
  for (const end of ENDS.slice(1)) if (await echoes(context, target, message, with_(end))) return;
}
