import { between } from '../../../generate/random.ts';
import type { Form, Pair } from '../common/pairs.ts';
import { word } from '../common/words.ts';

interface Numbers {
  readonly low: number;
  readonly high: number;
  readonly left: string;
  readonly right: string;
}

function numbersOf(random: () => number): Numbers {
  const low = between(random, 1_001, 4_999);
  return { low, high: low + between(random, 11, 4_999), left: word(random, 5), right: word(random, 5) };
}

/** Three conditions that are true, and the same three that are false. */
function conditions({ low, high, left, right }: Numbers): readonly Pair[] {
  return [
    { yes: `${low}<${high}`, no: `${low}>${high}` },
    { yes: `${high} BETWEEN ${low} AND ${high}`, no: `${low - 1} BETWEEN ${low} AND ${high}` },
    { yes: `'${left}' IN ('${right}','${left}')`, no: `'${left}' IN ('${right}','${right}')` },
  ];
}

const around = (pairs: readonly Pair[], write: (condition: string) => string): Pair[] =>
  pairs.map(({ yes, no }) => ({ yes: write(String(yes)), no: write(String(no)) }));

/** A text that is put together again by the engine: balanced quotes give the plain value, one more quote breaks it. */
function concatenated(text: string, operator: string, { low, high, right }: Numbers): Pair[] {
  const when = (sign: string): string => `(CASE WHEN ${low}${sign}${high} THEN '' ELSE '${right}' END)`;
  return [
    { yes: `${text}'${operator}'`, no: `${text}'${operator}''` },
    { yes: `${text}'${operator}''${operator}'`, no: `${text}'${operator}'''${operator}'` },
    { yes: `${text}'${operator}${when('<')}${operator}'`, no: `${text}'${operator}${when('>')}${operator}'` },
  ];
}

/**
 * Ways out of a text between quotes. All but the last leave a working statement that means the same; none widens what a
 * statement touches, but the last (`wide`), which is for statements that only read.
 */
export function quotedForms(text: string, random: () => number, wide: boolean): Form[] {
  const numbers = numbersOf(random);
  const { left } = numbers;
  const tests = conditions(numbers);
  const forms: Form[] = [
    {
      name: 'a quoted text',
      plain: true,
      pairs: around(tests, (test) => `${text}' AND ${test} AND '${left}' LIKE '${left}`),
    },
    {
      name: 'a LIKE pattern',
      plain: true,
      pairs: around(tests, (test) => `${text}%' AND ${test} AND '${left}' LIKE '${left}`),
    },
    { name: 'a quoted text', plain: true, first: true, pairs: concatenated(text, '||', numbers) },
  ];
  if (!wide) return forms.filter(({ name }) => name !== 'a LIKE pattern');
  // MySQL joins neighbouring texts; in a condition of an UPDATE a `+` would compare as numbers: reading only.
  const joined: Pair[] = [
    { yes: `${text}' '`, no: `${text}' ''` },
    { yes: `${text}' '' '`, no: `${text}' ''' '` },
    {
      yes: `${text}' AND ${numbers.low}<${numbers.high} AND ' '='`,
      no: `${text}' AND ${numbers.low}>${numbers.high} AND ' '='`,
    },
  ];
  forms.push(
    { name: 'a quoted text', plain: true, pairs: concatenated(text, '+', numbers) },
    { name: 'a quoted text', plain: true, first: true, pairs: joined },
    {
      name: 'a text in double quotes',
      plain: true,
      pairs: around(tests, (test) => `${text}" AND ${test} AND "${left}" LIKE "${left}`),
    },
    {
      name: 'a quoted text',
      plain: false,
      pairs: around(tests, (test) => `${text}' OR ${test} AND '${left}' LIKE '${left}`),
    },
    {
      name: 'a text in brackets',
      plain: false,
      pairs: around(tests, (test) => `${text}') OR (${test} AND '${left}' LIKE '${left}`),
    },
  );
  return forms;
}

/** Ways out of a number that stands without quotes. */
export function numberForms(text: string, random: () => number): Form[] {
  const numbers = numbersOf(random);
  const { low, high } = numbers;
  const value = Number(text);
  const when = (sign: string): string => `(CASE WHEN ${low}${sign}${high} THEN ${text} ELSE ${value + high} END)`;
  return [
    {
      name: 'a number',
      plain: true,
      pairs: [
        { yes: `${value + low}-${low}`, no: `${value + low}-${high}` },
        { yes: when('<'), no: when('>') },
        { yes: `${value + high}-${high}`, no: `${value + high}-${low}` },
      ],
    },
    { name: 'a number', plain: true, pairs: around(conditions(numbers), (test) => `${text} AND ${test}`) },
  ];
}

/** Ways into ORDER BY: the order follows a condition. @param columns names that may be columns */
export function orderForms(columns: readonly string[], random: () => number): Form[] {
  const tests = conditions(numbersOf(random));
  return columns.flatMap((column): Form[] => {
    const by = (yes: boolean, test: string): string =>
      yes
        ? `(CASE WHEN ${test} THEN ${column} ELSE NULL END)`
        : `(CASE WHEN NOT (${test}) THEN NULL ELSE ${column} END)`;
    const pairs = (tail: string): Pair[] => [
      { yes: by(true, String(tests[0]?.yes)) + tail, no: by(true, String(tests[0]?.no)) + tail },
      { yes: by(false, String(tests[1]?.yes)) + tail, no: by(false, String(tests[1]?.no)) + tail },
      { yes: by(true, String(tests[2]?.yes)) + tail, no: by(true, String(tests[2]?.no)) + tail },
    ];
    return [
      { name: `ORDER BY (column ${column})`, plain: false, pairs: pairs('') },
      { name: `ORDER BY (column ${column})`, plain: false, pairs: pairs(' DESC') },
    ];
  });
}

/**
 * For statements that write, where only success and failure can be seen: two texts of one length and alphabet, of which
 * an SQL parser takes the first and refuses the second.
 * @param plus joins with `+` (for INSERT only: in a condition it would compare as numbers)
 */
export function parserPairs(text: string, random: () => number, plus: boolean): Form[] {
  const { low, high, right } = numbersOf(random);
  const write = (operator: string): Pair[] => [
    {
      yes: `${text}'${operator}(CASE WHEN ${low}<${high} THEN '' ELSE '${right}' END)${operator}'`,
      no: `${text}'${operator}(CASE WEHN ${low}<${high} THEN '' ELSE '${right}' END)${operator}'`,
    },
    {
      yes: `${text}'${operator}(CASE WHEN ${high} IN (${low},${high}) THEN '' ELSE '' END)${operator}'`,
      no: `${text}'${operator}(CASE WHEN ${high} NI (${low},${high}) THEN '' ELSE '' END)${operator}'`,
    },
    {
      yes: `${text}'${operator}(CASE WHEN ${high} IS NULL THEN '' ELSE '' END)${operator}'`,
      no: `${text}'${operator}(CASE WHEN ${high} SI NULL THEN '' ELSE '' END)${operator}'`,
    },
  ];
  const forms: Form[] = [{ name: 'a quoted text of a statement that writes', plain: false, pairs: write('||') }];
  if (plus) forms.push({ name: 'a quoted text of a statement that writes', plain: false, pairs: write('+') });
  return forms;
}
