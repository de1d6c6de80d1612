import { CODE, FIXED, LANGUAGES, PROSE } from './benign-texts.ts';
import { randomFrom } from './random.ts';

/** A value as friendly callers send it, and what kind it is. */
export interface Benign {
  readonly kind: string;
  readonly text: string;
}

const FIRST = 'Anna Seán Zoë José Mary-Jane Björk Nguyễn Łukasz D’Arcy Chloé Ahmed Yuki Olu Siân Máté'.split(' ');
const LAST =
  "O'Brien D'Angelo O'Neill-Smith N'Guessan L'Hôpital McDonald van't Hoff O'Connor and Sons Müller-Lüdenscheidt Ng Union Select Drop Order Null Case Like True".split(
    ' ',
  );
const STREETS = [
  "St John's Road",
  "King's Cross",
  'Rue de l’Église',
  'c/ Linajes',
  "Land's End",
  'Union Square',
  'Select Avenue',
  'Via Sant’Andrea',
  'Main St. #12',
  'Apt 5/B',
  'Flat 1-2',
];
const WORDS =
  'order group select union where and or not like between table index user data values set update delete insert drop from join case when then end by limit having sleep time benchmark cast convert char'.split(
    ' ',
  );
const NOUNS =
  'phone table coffee lamp garden bicycle invoice patient doctor shipment city song river school report'.split(' ');
const UNITS = ['"', "'", ' mm', ' cm', ' ft', '″', '′', ' inch', '%', '°'];
const SIGNS = [
  '+',
  '-',
  '*',
  '/',
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '!=',
  '&',
  '|',
  '^',
  '%',
  '->',
  '=>',
  '::',
  '..',
  '...',
  '||',
  '&&',
];

/** Friendly values of many kinds, nasty as real ones are. The same for the same seed. */
export function benignValues(count: number, seed = 20261123): Benign[] {
  const next = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const int = (most: number): number => Math.floor(next() * most);
  const some = (least: number, most: number, make: () => string, glue = ' '): string =>
    Array.from({ length: least + int(most - least + 1) }, make).join(glue);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const letters = (length: number, from = alphabet): string =>
    Array.from({ length }, () => from[int(from.length)] as string).join('');
  const name = (): string => `${pick(FIRST)} ${pick(LAST)}`;
  const noun = (): string => pick(NOUNS);
  const word = (): string => pick(WORDS);
  const json = (): unknown => ({
    id: int(100000),
    name: name(),
    note: pick(PROSE),
    tags: [noun(), word()],
    at: `2026-0${1 + int(9)}-1${int(10)}T10:0${int(10)}:00Z`,
    nested: { ok: true, path: `/v1/${noun()}/${int(99)}`, q: `${word()} ${noun()}` },
  });
  const makers: Readonly<Record<string, () => string>> = {
    name,
    'name in a sentence': () => `${name()}'s ${noun()} and ${name()}'s ${noun()}`,
    'plural possessive': () =>
      `the ${noun()}s' ${noun()} ${pick(['and', 'or', 'in', 'is', 'by', 'like', 'not', 'between'])} the ${noun()}s' ${noun()}`,
    quotation: () => `She said "${pick(PROSE)}" ${pick(['and', 'or'])} 'maybe ${noun()}' -- then left`,
    quoted: () => `"${noun()} ${word()}" ${pick(['OR', 'AND', 'NOT', 'or', 'and'])} "${word()} ${noun()}"`,
    'search words': () => some(1, 6, () => pick([word, noun])()),
    'sentence with words of SQL': () =>
      `Please ${word()} the ${noun()} ${word()} our ${noun()}, ${word()} ${int(10)} ${noun()}s ${word()} it.`,
    choice: () =>
      `Select ${int(9)} ${noun()}s from the ${noun()} ${pick(['menu', 'list', 'table', 'union'])} ${pick(['below', 'or order by phone', 'where possible', 'and enjoy'])}`,
    address: () =>
      `${int(999)} ${pick(STREETS)} ${int(99)}${pick(['', ' a', '/b', '-3'])}, ${int(99999)} ${pick(LAST)}`,
    measure: () =>
      `${int(50)}${pick(UNITS)} ${pick(['x', '-', '/', '±', 'by', 'and', 'or'])} ${int(50)}.${int(9)}${pick(UNITS)} ${noun()}`,
    parts: () =>
      `${noun()} (${int(20)}.5X${int(20)}"-${int(300)} DPI) ${pick(['', '#2', 'w/ stand', '1/2', '& more'])}`,
    formula: () =>
      `${pick(['x', 'f(x)', 'y'])} = ${some(2, 5, () => `${int(9)}${pick(['x', 'y', ''])}`, ` ${pick(['+', '-', '*', '/'])} `)} ${pick(['<', '>', '>=', '='])} ${int(10)}`,
    chemistry: () =>
      pick([
        '2,2-dimethylpropane',
        'N,N-diethyl-m-toluamide',
        "2',3'-cAMP",
        'H2O + CO2 -> H2CO3',
        'Fe(OH)3',
        "5'-d(CGCGAATTCGCG)-3'",
        '(1R,2S)-ephedrine',
        'C6H12O6 || glucose',
      ]),
    spreadsheet: () =>
      pick([
        '=SUM(A1:A10)',
        '=IF(A1>5,"yes","no")',
        '=LEFT(B2,LEN(B2)-1)',
        '=CONCATENATE(A1," ",B1)',
        '=AND(A1=1,B1=2)',
        "=VLOOKUP(A2,'Sheet 1'!A:B,2,FALSE)",
      ]),
    slug: () => `${letters(3, '0123456789')}--${letters(1, 'abcdefgh')}-${letters(10)}-${letters(6)}`,
    token: () => letters(20 + int(40)),
    id: () =>
      pick([
        `${letters(8)}--${letters(4)}`,
        `0x${letters(16, '0123456789abcdef')}`,
        `${letters(5)}||${letters(5)}`,
        `1---`,
        `${int(9999)}-${int(99)}`,
        `${letters(4)}_${int(999)}`,
        `#${int(9999)}`,
      ]),
    base64: () => Buffer.from(letters(30 + int(200))).toString('base64'),
    'base64 bytes': () =>
      Buffer.from(Array.from({ length: 20 + int(300) }, () => int(256))).toString(pick(['base64', 'base64url'])),
    'data URL': () =>
      `data:image/png;base64,${Buffer.from(Array.from({ length: 200 }, () => int(256))).toString('base64')}`,
    JWT: () =>
      [{ alg: 'RS256' }, { sub: letters(10), name: name(), exp: int(2 ** 31) }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .concat(letters(86))
        .join('.'),
    URL: () =>
      `https://${noun()}.example.com/${noun()}/${int(999)}?q=${encodeURIComponent(`${name()} & ${noun()}`)}&page=${int(9)}#${word()}`,
    'URL in a URL': () =>
      `https://id.example.com/login?return=${encodeURIComponent(`https://app.example.com/${noun()}?filter=${encodeURIComponent(`name eq '${pick(LAST)}'`)}&sort=-date`)}`,
    path: () =>
      pick([
        `/package.json`,
        `/api/v1/${noun()}s/${int(99)}`,
        `src/${noun()}/index.ts`,
        `./${noun()}.md`,
        `C:\\Users\\${pick(FIRST)}\\Documents\\${noun()}.docx`,
        `~/.profile`,
        `docs/${noun()}s.v2.pdf`,
        `/??/a.js,b.js`,
        `http/1.1`,
        'and/or',
        '1/2',
        '24/7',
        'n/a',
        'w/o',
      ]),
    'file name': () =>
      pick([
        `${name()} (${int(9)}).pdf`,
        `Invoice #${int(999)} - ${pick(LAST)}.xlsx`,
        `photo...final.jpg`,
        `${noun()}..txt`,
        `report_${word()}.csv`,
        `.gitignore`,
        `a;b.txt`,
      ]),
    JSON: () => JSON.stringify(json()),
    'JSON twice': () => JSON.stringify(JSON.stringify(json())),
    GraphQL: () =>
      `query { ${noun()}s(where: {name: {_like: "%${noun()}%"}}, order_by: {id: asc}, limit: ${int(50)}) { id name source sort } }`,
    OData: () =>
      `$filter=contains(Name,'${noun()}') and Price ${pick(['gt', 'lt'])} ${int(100)}&$select=Id,Name&$orderby=Name desc`,
    'filter language': () =>
      `${noun()}:${word()} status:open -label:"won't fix" author:${pick(FIRST)} created:>2026-01-0${1 + int(9)}`,
    HTML: () =>
      `<p class="${noun()}">${pick(PROSE)}</p><a href="https://example.com/?a=1&amp;b='2'">${name()}</a><img src='x.png' alt="">`,
    'HTML mail': () =>
      `<table width="100%" border='0'><tr><td style="font:12px 'Arial','Helvetica'">Dear ${name()},<br>&nbsp;${pick(PROSE)} &#39;quoted&#39; &ldquo;text&rdquo;</td></tr></table>`,
    Markdown: () =>
      `# ${noun()}\n\n- [${word()}](../${noun()}/readme.md)\n- **${name()}** said: \`${word()} = '${noun()}'\`\n\n> ${pick(PROSE)}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![img](../../images/${noun()}.png)`,
    code: () => pick(CODE),
    'code in a bug report': () =>
      `When I run \`${pick(CODE)}\` it fails with "${pick(['TypeError', "can't read 'x'", 'unexpected token'])}".\n${pick(PROSE)}`,
    'regular expression': () =>
      pick([
        '^[a-z]+(?:-[a-z]+)*$',
        '\\d{3}-\\d{4}',
        '(["\'])(.*?)\\1',
        '^(?!.*\\.\\.)[\\w.]+$',
        '/\\bselect\\b|\\bunion\\b/i',
        '[^\'"]*',
      ]),
    'log line': () =>
      `2026-11-23 10:0${int(10)}:12,${int(999)} ERROR [main] o.e.${noun()}: duplicate key value violates unique constraint "${noun()}_pkey" (user='${pick(FIRST)}', id=${int(999)})`,
    'stack trace': () =>
      `Error: can't open '${noun()}'\n    at Object.<anonymous> (/srv/app/src/${noun()}.js:${int(99)}:${int(9)})\n    at node:internal/main/run_main:${int(99)}:5`,
    template: () => `Hello \${name}, your {{${noun()}}} #{order} is %{state} and costs {0:C} <%= total %>`,
    languages: () => pick(LANGUAGES),
    'languages with quotes': () => `„${pick(LANGUAGES)}“ – «${pick(LANGUAGES)}» ‘${noun()}’`,
    emoticon: () =>
      `${pick(PROSE)} ${pick([':-)', ';)', "='(", '8-)', '<3', '^_^', '¯\\_(ツ)_/¯', ":'-(", '>_<', ':/ ', '--', '(y)', "x'D", '=)'])}`,
    operators: () => `${noun()} ${pick(SIGNS)} ${noun()} ${pick(SIGNS)} ${int(99)}`,
    'user agent': () =>
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + int(40)}.0.0.0 Safari/537.36`,
    'client hints': () => `"Not_A Brand";v="8", "Chromium";v="${100 + int(40)}", "Google Chrome";v="${100 + int(40)}"`,
    'entity tag': () => pick([`"${letters(8)}"`, `W/"${letters(12)}"`, `"${letters(4)}", "${letters(4)}"`]),
    'cookie value': () =>
      pick([
        `GA1.2.${int(1e9)}.${int(1e9)}`,
        `1---`,
        `%7B%22a%22%3A%22${noun()}%22%2C%22n%22%3A${int(9)}%7D`,
        `"${letters(20)}="`,
        `${letters(10)}!${letters(6)}==`,
      ]),
    'broken escapes': () =>
      pick([
        '100% sure',
        '50%off',
        '%u4F60%u597D',
        '5% or 10%',
        '%zz',
        'a%20b%2',
        '&nbsp &foo; &#;',
        '\\u00zz \\x',
        'C:\\new\\table',
      ]),
    poem: () => some(3, 8, () => pick(PROSE), '\n'),
    list: () => some(2, 8, () => `'${noun()}'`, pick([', ', ',', ' / ', ' or ', ' and '])),
    CSV: () => some(2, 5, () => `"${name()}","${noun()}",${int(99)},'${word()}'`, '\n'),
    date: () => `${int(28)}/${int(12)}/2026 - ${int(28)}.${int(12)}.26 @ ${int(24)}:0${int(10)} (Mon/Tue)`,
    phone: () => `+${int(99)} (${int(999)}) ${int(999)}-${int(9999)} ext. #${int(99)}`,
    fixed: () => pick(FIXED),
    prose: () => pick(PROSE),
  };
  const kinds = Object.keys(makers);
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] as string;
    return { kind, text: (makers[kind] as () => string)() };
  });
}
