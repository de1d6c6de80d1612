import { CODE, LANGUAGES, PROSE } from '../benign-texts.ts';
import { randomFrom } from '../random.ts';

/** Makes one value of a kind. */
export type Maker = (kit: Kit) => string;
export type Makers = Readonly<Record<string, Maker>>;

const FIRST = 'Anna Seán Zoë José Mary-Jane Björk Nguyễn Łukasz D’Arcy Chloé Ahmed Yuki Olu Siân Máté'.split(' ');
const LAST =
  "O'Brien D'Angelo O'Neill-Smith N'Guessan L'Hôpital McDonald van't Hoff O'Connor and Sons Müller-Lüdenscheidt Ng Union Select Drop Order Null Case Like True".split(
    ' ',
  );
const WORDS =
  'order group select union where and or not like between table index user data values set update delete insert drop from join case when then end by limit having sleep time benchmark cast convert char'.split(
    ' ',
  );
const NOUNS =
  'phone table coffee lamp garden bicycle invoice patient doctor shipment city song river school report'.split(' ');
const VERBS = 'open close send print move share export import archive duplicate restore sync preview sign'.split(' ');
const ADJECTIVES = 'new old red small late empty broken lovely weekly shared hidden final wrong quick'.split(' ');
const PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What makers draw from: the same for the same seed. */
export class Kit {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  /** Below `most`. */
  int(most: number): number {
    return Math.floor(this.next() * most);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T;
  }

  /** Several of one kind, least and most included. */
  some(least: number, most: number, make: () => string, glue = ' '): string {
    return Array.from({ length: least + this.int(most - least + 1) }, make).join(glue);
  }

  letters(length: number, from = PLAIN): string {
    let text = '';
    for (let i = 0; i < length; i++) text += from[this.int(from.length)] as string;
    return text;
  }

  hex(length: number): string {
    return this.letters(length, '0123456789abcdef');
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(256)));
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }

  first(): string {
    return this.pick(FIRST);
  }

  last(): string {
    return this.pick(LAST);
  }

  name(): string {
    return `${this.first()} ${this.last()}`;
  }

  noun(): string {
    return this.pick(NOUNS);
  }

  /** A word that SQL has too. */
  word(): string {
    return this.pick(WORDS);
  }

  verb(): string {
    return this.pick(VERBS);
  }

  adjective(): string {
    return this.pick(ADJECTIVES);
  }

  prose(): string {
    return this.pick(PROSE);
  }

  code(): string {
    return this.pick(CODE);
  }

  language(): string {
    return this.pick(LANGUAGES);
  }

  host(): string {
    return `${this.pick(['www', 'api', 'cdn', 'shop', 'id', 'm'])}.${this.noun()}.example${this.pick(['.com', '.org', '.net', ''])}`;
  }

  email(): string {
    return `${this.noun()}.${this.word()}${this.pick(['', '+tag', "o'neill", '_1'])}@${this.noun()}.example.com`;
  }

  day(): string {
    return `2026-${this.two(12)}-${this.two(28)}`;
  }

  clock(): string {
    return `${this.two(23)}:${this.two(59)}:${this.two(59)}`;
  }

  two(most: number): string {
    return String(1 + this.int(most)).padStart(2, '0');
  }

  /** A sentence of ordinary English. */
  sentence(): string {
    const noun = (): string => this.noun();
    return this.pick([
      `The ${this.adjective()} ${noun()} isn't where we left it, and the ${noun()} is ${this.adjective()}.`,
      `Could you ${this.verb()} the ${noun()} before ${1 + this.int(11)} pm (or ${this.verb()} it tomorrow)?`,
      `${this.name()} says the ${noun()} doesn't ${this.verb()}; I think it's ${this.adjective()} -- see below.`,
      `We ${this.verb()} ${this.int(40)} ${noun()}s a week & ${this.verb()} the rest.`,
      `If you ${this.verb()} a ${noun()}, then ${this.verb()} every ${noun()} in the ${noun()}'s list: it's quicker.`,
      `Thanks! The ${noun()} (order #${this.int(9999)}) came on ${this.day()}, but the ${noun()} was ${this.adjective()}...`,
      `"${this.verb()} ${noun()}" is greyed out unless the ${noun()} = ${this.adjective()}; why?`,
      `Price: ${this.int(90)}.${this.two(90)} ${this.pick(['EUR', 'USD', '€', '£'])}, ${this.int(50)}% off; ${this.int(9)} in stock.`,
      this.prose(),
    ]);
  }

  paragraph(least = 3, most = 8): string {
    return this.some(least, most, () => this.sentence());
  }
}
