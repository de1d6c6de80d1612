import { between, digits, hex, letters, oneOf, token } from './random.ts';

/** Texts in a format: `plain` is what most APIs take, `edge` is as right and less common. */
interface Texts {
  readonly plain: (random: () => number) => string;
  readonly edge?: readonly string[];
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A day of the next two years: APIs that book want the future, and those that record take it too. */
export function futureDate(random: () => number): string {
  const year = new Date().getUTCFullYear() + 1;
  return `${year}-${two(between(random, 1, 12))}-${two(between(random, 1, 28))}`;
}

export const birthDate = (random: () => number): string =>
  `${between(random, 1955, 2000)}-${two(between(random, 1, 12))}-${two(between(random, 1, 28))}`;

const time = (random: () => number): string =>
  `${two(between(random, 8, 17))}:${oneOf(random, ['00', '15', '30', '45'])}:00`;

export function uuid(random: () => number): string {
  const text = hex(random, 32);
  const variant = oneOf(random, ['8', '9', 'a', 'b']);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}

export const email = (random: () => number): string => `sam.${token(random, 8)}@mail.example`;

const FORMATS: ReadonlyMap<string, Texts> = new Map<string, Texts>([
  ['date', { plain: futureDate, edge: ['2024-02-29', '0001-01-01', '9999-12-31', '1970-01-01'] }],
  [
    'date-time',
    {
      plain: (random) => `${futureDate(random)}T${time(random)}Z`,
      edge: [
        '2024-02-29T23:59:59.999999Z',
        '2030-01-01T00:00:00+14:00',
        '1970-01-01T00:00:00Z',
        '9999-12-31T23:59:59-12:00',
      ],
    },
  ],
  ['date-time-local', { plain: (random) => `${futureDate(random)}T${time(random)}` }],
  ['time', { plain: (random) => `${time(random)}Z`, edge: ['00:00:00Z', '23:59:59.999+14:00'] }],
  ['time-local', { plain: time, edge: ['00:00:00', '23:59:59.999'] }],
  ['duration', { plain: () => 'PT1H', edge: ['P0D', 'P3Y6M4DT12H30M5S', 'P52W'] }],
  ['http-date', { plain: () => 'Tue, 03 Jun 2031 10:00:00 GMT' }],
  ['email', { plain: email, edge: ["o'neil+tag@mail.example", '"a b"@mail.example'] }],
  ['idn-email', { plain: email, edge: ['jürgen@müller.example'] }],
  [
    'hostname',
    { plain: (random) => `h${token(random, 5)}.example`, edge: ['a.b.c.d.example', 'xn--mller-kva.example'] },
  ],
  ['host-name', { plain: (random) => `h${token(random, 5)}.example` }],
  ['idn-hostname', { plain: (random) => `h${token(random, 5)}.example`, edge: ['müller.example'] }],
  ['ipv4', { plain: (random) => `192.0.2.${between(random, 1, 254)}`, edge: ['0.0.0.0', '255.255.255.255'] }],
  ['ip-address', { plain: (random) => `192.0.2.${between(random, 1, 254)}` }],
  ['ipv6', { plain: (random) => `2001:db8::${hex(random, 3)}`, edge: ['::', '2001:db8:0:0:0:0:0:1'] }],
  [
    'uri',
    {
      plain: (random) => `https://www.example.com/${token(random, 6)}`,
      edge: ['urn:isbn:0451450523', 'mailto:a@b.example'],
    },
  ],
  ['uri-reference', { plain: (random) => `https://www.example.com/${token(random, 6)}`, edge: ['/a?b#c', ''] }],
  ['iri', { plain: (random) => `https://www.example.com/${token(random, 6)}`, edge: ['https://www.example.com/ä'] }],
  ['iri-reference', { plain: (random) => `https://www.example.com/${token(random, 6)}` }],
  ['uri-template', { plain: () => 'https://www.example.com/{id}' }],
  ['uuid', { plain: uuid, edge: ['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'] }],
  ['json-pointer', { plain: () => '/name', edge: ['', '/a~1b/0'] }],
  ['relative-json-pointer', { plain: () => '0/name', edge: ['0#'] }],
  ['regex', { plain: () => '^[a-z]+$' }],
  ['byte', { plain: (random) => Buffer.from(token(random, 9)).toString('base64'), edge: ['', 'AA=='] }],
  ['base64url', { plain: (random) => Buffer.from(token(random, 9)).toString('base64url') }],
  ['char', { plain: (random) => letters(random, 1) }],
  ['binary', { plain: (random) => `sample ${letters(random, 6)}` }],
  ['password', { plain: (random) => `Va1id-${token(random, 10)}!` }],
  ['int8', { plain: (random) => String(between(random, 1, 100)), edge: ['-128', '127'] }],
  ['int16', { plain: (random) => String(between(random, 1, 100)), edge: ['-32768', '32767'] }],
  ['int32', { plain: (random) => String(between(random, 1, 100)), edge: ['-2147483648', '2147483647'] }],
  [
    'int64',
    { plain: (random) => String(between(random, 1, 100)), edge: ['-9223372036854775808', '9223372036854775807'] },
  ],
  ['uint8', { plain: (random) => String(between(random, 1, 100)), edge: ['0', '255'] }],
  ['uint16', { plain: (random) => String(between(random, 1, 100)), edge: ['0', '65535'] }],
  ['uint32', { plain: (random) => String(between(random, 1, 100)), edge: ['0', '4294967295'] }],
  ['uint64', { plain: (random) => String(between(random, 1, 100)), edge: ['0', '18446744073709551615'] }],
  ['float', { plain: (random) => `${between(random, 1, 100)}.5` }],
  ['double', { plain: (random) => `${between(random, 1, 100)}.5` }],
  ['decimal', { plain: (random) => `${between(random, 1, 100)}.50` }],
  // Not enforced by the compiler, but said by contracts often enough.
  ['phone', { plain: (random) => `+1202555${digits(random, 4)}` }],
  ['url', { plain: (random) => `https://www.example.com/${token(random, 6)}` }],
  ['objectid', { plain: (random) => hex(random, 24) }],
  ['mongo-id', { plain: (random) => hex(random, 24) }],
  ['guid', { plain: uuid }],
  ['ulid', { plain: (random) => `01ARZ3NDEKTSV4RRFFQ69G5F${digits(random, 2)}` }],
]);

/** Texts in a format, by its name as written; none for names that say nothing. */
export function formatted(format: string, random: () => number, edge: boolean): string[] {
  const texts = FORMATS.get(format) ?? FORMATS.get(format.toLowerCase());
  if (texts === undefined) return [];
  const plain = texts.plain(random);
  return edge && texts.edge ? [oneOf(random, texts.edge), plain] : [plain];
}
