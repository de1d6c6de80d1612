import { birthDate, email, futureDate, uuid } from './from-format.ts';
import { between, digits, hex, letters, oneOf, token } from './random.ts';

/** What a name suggests of its value, where the schema says little: plausible values that real APIs take. */
interface Hint {
  readonly text?: (random: () => number) => string;
  readonly number?: (random: () => number) => number;
}

const pick =
  (...list: string[]) =>
  (random: () => number): string =>
    oneOf(random, list);
const range =
  (low: number, high: number) =>
  (random: () => number): number =>
    between(random, low, high);
const FIRST = pick('Robin', 'Alex', 'Sam', 'Kim', 'Noa', 'Toni');
const LAST = pick('Winter', 'Marsh', 'Keller', 'Rossi', 'Novak', 'Tanaka');
const title = (random: () => number): string => `Sample ${letters(random, 6)}`;
const link = (random: () => number): string => `https://www.example.com/${token(random, 6)}`;
const sentence = pick(
  'A short note for trying things out.',
  'Nothing special, just some text.',
  'Please keep as it is.',
);

/** Tried in order on the words of a name, joined by spaces: `emailAddress` is `email address`. */
const HINTS: readonly (readonly [RegExp, Hint])[] = [
  [/\be ?mail\b|\bmail( address)?$/, { text: email }],
  [/\b(pass ?word|passwd|pwd|pass ?phrase)\b|^pass$/, { text: (random) => `Va1id-${token(random, 10)}!` }],
  [/\b(user ?name|login( name)?|nick ?name|handle|account ?name)$/, { text: (random) => `user${token(random, 7)}` }],
  [/\b(first|given|fore|middle) ?name\b/, { text: FIRST }],
  [/\b(last|family|sur) ?name\b|\bsurname\b/, { text: LAST }],
  [
    /\bfull ?name\b|\b(customer|patient|person|contact|author|owner|holder|recipient|sender) name\b/,
    { text: (random) => `${FIRST(random)} ${LAST(random)}` },
  ],
  [/\b(file ?name)\b|^file$/, { text: (random) => `${letters(random, 6)}.txt` }],
  [/\bhost ?name\b|\bdomain( name)?\b|^host$|\bfqdn\b/, { text: (random) => `h${token(random, 5)}.example` }],
  [/\bcountry( code)?\b/, { text: () => 'US' }],
  [/\bcurrency( code)?\b/, { text: () => 'USD' }],
  [/\b(language|locale|lang)( code)?\b/, { text: () => 'en' }],
  [/\btime ?zone\b|^tz$/, { text: () => 'Europe/Berlin' }],
  [
    /\b(phone|mobile|telephone|fax|cell|msisdn)\b/,
    { text: (random) => `+1202555${digits(random, 4)}`, number: (random) => 12025550000 + between(random, 0, 9999) },
  ],
  [
    /\b(zip|postal|post) ?code\b|^(zip|postcode)$/,
    { text: (random) => digits(random, 5), number: range(10000, 99999) },
  ],
  [/\biban\b/, { text: () => 'DE89370400440532013000' }],
  [/\b(bic|swift)( code)?\b/, { text: () => 'DEUTDEFF' }],
  [/\bisbn\b/, { text: () => '9780306406157' }],
  [/\bvin\b/, { text: () => '1HGCM82633A004352' }],
  [/\b(card|credit card|pan)( number)?$/, { text: () => '4111111111111111' }],
  [/\b(cvc|cvv)2?\b/, { text: () => '123', number: () => 123 }],
  [/\bssn\b/, { text: () => '219-09-9999' }],
  [/\b(birth ?(day|date)|date of birth|dob|born)\b/, { text: birthDate }],
  [/\b(uuid|guid)\b/, { text: uuid }],
  [/\b(ip|ip ?address|ipv4)$/, { text: (random) => `192.0.2.${between(random, 1, 254)}` }],
  [/\bmac ?address\b/, { text: (random) => `02:00:00:${hex(random, 2)}:${hex(random, 2)}:${hex(random, 2)}` }],
  [
    /\b(url|uri|link|href|website|web ?site|homepage|webhook|callback|endpoint|avatar|image|photo|picture|logo)\b/,
    { text: link },
  ],
  [/\b(street|address ?line|address)( ?\d)?\b/, { text: (random) => `${between(random, 1, 99)} Mill Lane` }],
  [/\b(city|town|place)\b/, { text: pick('Springfield', 'Lyon', 'Porto') }],
  [/\b(state|province|region)( code)?$/, { text: () => 'CA' }],
  [/\b(latitude|lat)\b/, { text: () => '52.52', number: () => 52.52 }],
  [/\b(longitude|lon|lng|long)\b/, { text: () => '13.4', number: () => 13.4 }],
  [
    /\b(time ?stamp|date ?time)\b|\b(created|updated|modified|start|end|expires?|due|scheduled|valid) ?(at|on|until|from|time)\b/,
    {
      text: (random) => `${futureDate(random)}T10:00:00Z`,
      number: () => Math.floor(Date.now() / 86_400_000) * 86_400 + 30 * 86_400,
    },
  ],
  [/\bdate\b|\b(day|since|until|from|to)$/, { text: futureDate }],
  [/\btime\b/, { text: () => '10:00', number: range(1, 60) }],
  [/\byear\b/, { text: () => String(new Date().getUTCFullYear()), number: () => new Date().getUTCFullYear() }],
  [/\bmonth\b/, { text: () => '6', number: range(1, 12) }],
  [/\b(hour|day|week)s?\b/, { text: () => '6', number: range(1, 23) }],
  [/\b(minute|second)s?\b/, { text: () => '30', number: range(1, 59) }],
  [/\bage\b/, { text: () => '35', number: range(21, 60) }],
  [/\b(page|page ?(number|index)|pagenum)$/, { text: () => '1', number: () => 1 }],
  [/\b(offset|skip|start( index)?|first)$/, { text: () => '0', number: () => 0 }],
  [
    /\b(limit|page ?size|per ?page|size|top|take|max( ?(results|items|count))?)$/,
    { text: () => '10', number: () => 10 },
  ],
  [/\b(amount|price|cost|total|sum|balance|fee|salary|value|budget)\b/, { text: () => '12.50', number: range(5, 50) }],
  [/\b(quantity|qty|count|number of|copies|units|seats|guests|stock)\b/, { text: () => '1', number: range(1, 3) }],
  [/\b(percent|percentage|rate|ratio|discount)\b/, { text: () => '5', number: range(1, 10) }],
  [/\b(rating|score|stars|priority|level|rank)\b/, { text: () => '3', number: range(1, 5) }],
  [
    /\b(weight|height|width|length|depth|distance|radius|temperature|duration)\b/,
    { text: () => '20', number: range(10, 60) },
  ],
  [/\bport\b/, { text: () => '8080', number: () => 8080 }],
  [/\b(colou?r)\b/, { text: () => '#336699' }],
  [/\bgender\b|^sex$/, { text: pick('female', 'male') }],
  [/\b(sort|order ?by|sort ?by)$/, { text: () => 'id' }],
  [/^(order|direction|sort ?(order|direction))$/, { text: () => 'asc' }],
  [/\b(search|query|keyword|keywords|term|filter)$|^q$/, { text: () => 'a' }],
  [/\b(slug|sku|code|reference|ref|key|symbol|serial)( number)?$/, { text: (random) => token(random, 8) }],
  [/\b(id|ids|number|no|nr)$/, { text: () => '1', number: () => 1 }],
  [
    /\b(company|organi[sz]ation|employer|vendor|brand|manufacturer)\b/,
    { text: (random) => `Sample ${letters(random, 5)} Ltd` },
  ],
  [
    /\b(job|role|position|occupation|profession|department|specialty|specialization)\b/,
    { text: pick('Engineer', 'Analyst') },
  ],
  [/\b(title|name|label|subject|headline|caption|topic|tag|display)\b/, { text: title }],
  [
    /\b(description|comment|note|notes|message|text|content|body|summary|reason|details|bio|about|remarks?|feedback|review)\b/,
    { text: sentence },
  ],
  [/\bversion\b/, { text: () => '1.0.0', number: () => 1 }],
  [/\b(mime|content|media) ?type\b/, { text: () => 'text/plain' }],
];

/** Names whose values must be unlike those that are there already. */
const UNIQUE =
  /\be ?mail\b|\b(user ?name|login|nick ?name|handle|slug|sku|title|display ?name|account ?name)\b|^name$|^(project|team|group|role|product|organi[sz]ation|company|tenant) ?name$/;

/** The words of a name in lower case: `patientEmail_address` is `patient email address`. Capped at 100 characters. */
export function wordsOf(name: string): string {
  return name
    .slice(0, 100)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** Texts that the name suggests; none where it says nothing. */
export function textsFor(words: string, random: () => number): string[] {
  const texts: string[] = [];
  for (const [pattern, { text }] of HINTS)
    if (text && texts.length < 3 && pattern.test(words)) texts.push(text(random));
  return texts;
}

/** Numbers that the name suggests. */
export function numbersFor(words: string, random: () => number): number[] {
  for (const [pattern, { number }] of HINTS) if (number && pattern.test(words)) return [number(random)];
  return [];
}

export const wantsUnique = (words: string): boolean => UNIQUE.test(words);

/** An example made unlike itself, in the same form as far as that can be told. */
export function freshened(text: string, words: string, random: () => number): string {
  const at = text.lastIndexOf('@');
  if (at > 0) return `${text.slice(0, at).split('+', 1)[0]}.${token(random, 6)}${text.slice(at)}`;
  if (/\b(title|name)$/.test(words) && !/\b(user|nick|account) ?name\b/.test(words))
    return `${text} ${letters(random, 5)}`;
  return `${text.replace(/\s+$/, '')}${token(random, 6)}`;
}
