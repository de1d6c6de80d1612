import type { Check } from '../../model/check.ts';
import { evaluated } from './common/conditions.ts';
import { echoes, type Probe } from './common/echo.ts';
import { overPlaces, type Target } from './common/targets.ts';
import { holdsNumber, named, product } from './common/words.ts';

/** Places whose values are often read as a template or an expression. */
const LIKELY: ReadonlySet<string> = new Set([
  ...[
    'template',
    'message',
    'body',
    'text',
    'subject',
    'content',
    'greeting',
    'title',
    'format',
    'expression',
    'expr',
    'formula',
  ],
  ...[
    'filter',
    'rule',
    'script',
    'code',
    'eval',
    'condition',
    'calc',
    'math',
    'letter',
    'mail',
    'email',
    'note',
    'description',
  ],
]);

export const check: Check = {
  id: 'template-injection',
  group: 'injection',
  title: 'Template or expression injection',
  practice: 'validate',
  cwe: 'CWE-1336',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'A value of the request is read as a template or an expression and evaluated. In most template languages that is a way to the secrets of the process, and to running code.',
  mend: 'Keep templates in files and hand values to them as data; never build a template or an expression from a request. Where users write templates, use a language without logic. In the contract, give the value a pattern without { } $ # < %.',
  async run(context) {
    await overPlaces(
      context,
      ({ ground }) => ground.effect !== 'remove',
      async (target) => {
        const { operation, label, random } = target;
        const message = `${operation.key} evaluates ${label}: an expression that was sent came back computed`;
        for (const write of expressions(target)) {
          const make = (): Probe => {
            const { a, b, text } = product(random);
            return {
              value: write(a, b),
              shown: ({ answer }) => (holdsNumber(answer.text, text) ? text : undefined),
            };
          };
          if (await echoes(context, target, message, make)) return;
        }
        await evaluated(context, target);
      },
    );
  },
};

type Write = (a: number, b: number) => string;

/** Two that hold the marks of several languages at once, and the bare expression; each alone where it is likely. */
function expressions({ text, place }: Target): Write[] {
  const light: Write[] = [
    (a, b) => `${text}{{${a}*${b}}}`,
    (a, b) => `${text}\${${a}*${b}}#{${a}*${b}}<%= ${a}*${b} %>`,
    (a, b) => `${a}*${b}`,
  ];
  if (!named(place, LIKELY)) return light;
  return [
    ...light,
    (a, b) => `${text}\${${a}*${b}}`,
    (a, b) => `${text}#{${a}*${b}}`,
    (a, b) => `${text}<%= ${a}*${b} %>`,
    (a, b) => `${text}*{${a}*${b}}`,
    (a, b) => `${text}@(${a}*${b})`,
    (a, b) => `${text}{${a}*${b}}`,
    (a, b) => `${text}[[\${${a}*${b}}]]`,
    (a, b) => `${text}{%print(${a}*${b})%}`,
    (a, b) => `#set($kq=${a}*${b})$kq`,
    (a, b) => `'+${a}*${b}+'`,
    (a, b) => `"+${a}*${b}+"`,
  ];
}
