import { FIXED } from '../benign-texts.ts';
import type { Makers } from './kit.ts';

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
const UNITS = ['"', "'", ' mm', ' cm', ' ft', '″', '′', ' inch', '%', '°'];

/** Addresses as people of thirty countries write them; `9` is any digit, `N` a name. */
const ADDRESSES = [
  'Apartment 9, 99 N Street, Dublin 9, D99 XY99',
  'Flat 9/9, 99 N Rd, Glasgow G9 9QX',
  '999 N Ave. Apt #9B, Springfield, IL 99999-9999',
  '99 rue de l’N, bât. B, 99999 Paris CEDEX 9',
  "9 bis, av. de l'N, F-99999 Nice",
  'N-Straße 99 a, Hinterhaus, 99999 Berlin',
  'Str. N nr. 9, bl. A9, sc. 2, ap. 99, sect. 9, București',
  'C/ N, 99, 9º izq., 99999 Madrid',
  'c/ N 999 9 f; 99999 Málaga',
  'Via N, 99/A int. 9, 99999 Roma (RM)',
  'Rua N, nº 99 - 9.º D.to, 9999-999 Lisboa',
  'R. N, 999 - ap. 99, Centro - São Paulo/SP, 99999-999',
  'ul. N 99/9, 99-999 Kraków',
  'N 99, 999 99 Praha 9 - Žižkov',
  'N utca 99. III/9, 9999 Budapest',
  'Nvägen 99 B, lgh 9999, 999 99 Göteborg',
  'N gate 99 C, 9999 Oslo',
  'Nvej 99, 9. tv., 9999 København Ø',
  'Nkatu 99 A 9, 99999 Helsinki',
  'N 99-III, 9999 AB Amsterdam',
  'Οδός N 99, 999 99 Αθήνα',
  'ул. N, д. 99, к. 9, кв. 999, Москва 999999',
  'вул. N, 99/9, кв. 9, м. Київ, 99999',
  'N Mah. 999. Sk. No: 99/9 D: 9, 99999 Kadıköy/İstanbul',
  'רחוב N 99/9, תל אביב 9999999',
  'شارع N، بناية 99، شقة 9، عمّان 99999',
  '〒999-9999 東京都N区9丁目9番9号 ビル9F',
  '北京市N区N路99号院9号楼9单元999室',
  '서울특별시 N구 N로 99길 9, 999동 999호 (N동)',
  '99/9 ซอย N 9 ถนน N กรุงเทพฯ 99999',
  'Số 99/9 đường N, P. 9, Q. 9, TP.HCM',
  'Plot 99-A, Sector 9, N Nagar, New Delhi - 999999',
  'Shop 9 & 9, 999-999 N Hwy (cnr N St), Sydney NSW 9999',
  'PO Box 99999-99999, N, Nairobi',
  'Unit 9/99 N Rd || Private Bag 999, Cape Town 9999',
];

const PHONES = [
  '+353 (0)9 999 9999',
  '(999) 999-9999 x99',
  '99 99 99 99 99',
  '+49-999-9999/99',
  '099 9999999;ext=9',
  'tel:+1-999-999-9999',
  '9999 999 999 or 999',
  '+81 9-9999-9999 #9',
  '*99#',
  '+44 999 999-9999, after 9',
];

export const PEOPLE: Makers = {
  name: (k) => k.name(),
  'name in a sentence': (k) => `${k.name()}'s ${k.noun()} and ${k.name()}'s ${k.noun()}`,
  'plural possessive': (k) =>
    `the ${k.noun()}s' ${k.noun()} ${k.pick(['and', 'or', 'in', 'is', 'by', 'like', 'not', 'between'])} the ${k.noun()}s' ${k.noun()}`,
  'name with a title': (k) =>
    k.pick([
      `Dr. ${k.name()}, Ph.D. (Hon.)`,
      `${k.last()}, ${k.first()} "Mo" J., Jr.`,
      `Mr & Mrs ${k.name()}`,
      `${k.first()} 'the ${k.noun()}' ${k.last()}`,
      `${k.name()} <${k.email()}>`,
      `${k.first()} de l'${k.noun()} y ${k.last()}`,
      `${k.first()} bint al-${k.noun()}`,
    ]),
  'company name': (k) =>
    k.pick([
      `${k.last()} & Sons (${k.noun()}s) Ltd.`,
      `${k.noun()}.io, Inc. / "${k.noun()}"`,
      `AT&T; R&D; ${k.noun()} + ${k.noun()} = ${k.noun()}`,
      `${k.noun()}s 'R' Us`,
      `Société d'${k.noun()} S.A.R.L.`,
      `<${k.noun()}/>Labs`,
      `{${k.noun()}} studio`,
      `#${k.noun()} | ${k.noun()}`,
    ]),
  quotation: (k) => `She said "${k.prose()}" ${k.pick(['and', 'or'])} 'maybe ${k.noun()}' -- then left`,
  quoted: (k) => `"${k.noun()} ${k.word()}" ${k.pick(['OR', 'AND', 'NOT', 'or', 'and'])} "${k.word()} ${k.noun()}"`,
  'search words': (k) => k.some(1, 6, () => k.pick([k.word(), k.noun()])),
  'search for products': (k) =>
    k.pick([
      `${k.noun()} ${k.int(60)}" -${k.noun()} <${k.int(900)}€`,
      `${k.noun()} & ${k.noun()} (set of ${k.int(9)})`,
      `${k.noun()} w/ ${k.noun()}; ${k.adjective()}`,
      `"${k.adjective()} ${k.noun()}" | ${k.noun()}`,
      `${k.noun()}* OR ${k.noun()}? site:${k.host()}`,
      `how to ${k.verb()} a ${k.noun()} from ${k.noun()} where ${k.noun()} is ${k.adjective()}?`,
      `${k.noun()} vs. ${k.noun()} >= ${k.int(99)}`,
      `c++ ${k.noun()} && c# ${k.noun()}`,
      `.net ${k.noun()} / node.js ${k.noun()}`,
    ]),
  'search about SQL and shells': (k) =>
    k.pick([
      `difference between union and union all`,
      `sql select where not in vs not exists`,
      `how to drop a ${k.noun()} table in mysql`,
      `bash: command not found ${k.noun()}`,
      `how to use xargs with rm`,
      `what is <script> tag async defer`,
      `prevent sql injection in ${k.noun()} forms`,
      `ldap filter for ${k.noun()} users`,
      `curl -X POST json example`,
      `why is 'or 1=1' dangerous?`,
      `jinja2 loop over ${k.noun()}s`,
      `cat /proc/cpuinfo meaning`,
      `order by ${k.noun()} desc limit 1 per group`,
      `\${${k.noun()}} not replaced in template`,
    ]),
  hashtags: (k) => k.some(1, 8, () => `#${k.noun()}${k.pick(['', '2026', '_life', 'OfTheDay'])}`),
  mentions: (k) => `@${k.noun()}_${k.int(99)} ${k.sentence()} cc: @${k.first()} #${k.word()} ;)`,
  'sentence with words of SQL': (k) =>
    `Please ${k.word()} the ${k.noun()} ${k.word()} our ${k.noun()}, ${k.word()} ${k.int(10)} ${k.noun()}s ${k.word()} it.`,
  choice: (k) =>
    `Select ${k.int(9)} ${k.noun()}s from the ${k.noun()} ${k.pick(['menu', 'list', 'table', 'union'])} ${k.pick(['below', 'or order by phone', 'where possible', 'and enjoy'])}`,
  address: (k) =>
    `${k.int(999)} ${k.pick(STREETS)} ${k.int(99)}${k.pick(['', ' a', '/b', '-3'])}, ${k.int(99999)} ${k.last()}`,
  'address of a country': (k) =>
    k
      .pick(ADDRESSES)
      .replace(/9/g, () => String(k.int(10)))
      .replace(/N/g, () => k.last()),
  measure: (k) =>
    `${k.int(50)}${k.pick(UNITS)} ${k.pick(['x', '-', '/', '±', 'by', 'and', 'or'])} ${k.int(50)}.${k.int(9)}${k.pick(UNITS)} ${k.noun()}`,
  parts: (k) =>
    `${k.noun()} (${k.int(20)}.5X${k.int(20)}"-${k.int(300)} DPI) ${k.pick(['', '#2', 'w/ stand', '1/2', '& more'])}`,
  date: (k) => `${k.int(28)}/${k.int(12)}/2026 - ${k.int(28)}.${k.int(12)}.26 @ ${k.int(24)}:0${k.int(10)} (Mon/Tue)`,
  'opening hours': (k) =>
    k.pick([
      `Mo-Fr 0${k.int(9)}:00-1${k.int(9)}:30; Sa,Su off; PH "on request"`,
      `24/7 || by appointment`,
      `Mon–Thu ${k.int(9)}am–${k.int(9)}pm (except 1/1 & 25/12)`,
      `R/P1W/2026-01-01T10:00:00Z`,
      `${k.day()}/${k.day()}`,
    ]),
  phone: (k) => k.pick(PHONES).replace(/9/g, () => String(k.int(10))),
  poem: (k) => k.some(3, 8, () => k.prose(), '\n'),
  list: (k) => k.some(2, 8, () => `'${k.noun()}'`, k.pick([', ', ',', ' / ', ' or ', ' and '])),
  fixed: (k) => k.pick(FIXED),
  prose: (k) => k.prose(),
  sentence: (k) => k.sentence(),
  paragraph: (k) => k.paragraph(),
  'long prose': (k) => k.some(2, 9, () => k.paragraph(3, 7), '\n\n'),
  languages: (k) => k.language(),
  'languages at length': (k) => k.some(2, 20, () => k.language(), k.pick(['\n', ' ', ' – '])),
  'languages with quotes': (k) => `„${k.language()}“ – «${k.language()}» ‘${k.noun()}’`,
  emoticon: (k) =>
    `${k.prose()} ${k.pick([':-)', ';)', "='(", '8-)', '<3', '^_^', '¯\\_(ツ)_/¯', ":'-(", '>_<', ':/ ', '--', '(y)', "x'D", '=)', '</3', '>:(', '{^_^}', '\\o/', 'o_O', '|-('])}`,
  emoji: (k) =>
    k.some(
      1,
      6,
      () =>
        k.pick(['👩‍⚕️', '🏳️‍🌈', '🇮🇪', '😀', '❤️', '1️⃣', '👍🏽', '✔️', '→', '🤷‍♀️', '™', '½']) + k.pick(['', ' ', k.noun()]),
    ),
  'chat abbreviations': (k) =>
    k.pick([
      `idk || maybe ${k.noun()}?? brb`,
      `s/${k.noun()}/${k.noun()}/ oops`,
      `*${k.verb()}s the ${k.noun()}*`,
      `<sarcasm>great ${k.noun()}</sarcasm>`,
      `${k.noun()} > ${k.noun()} tbh; ${k.noun()} < all`,
      `+1 & lgtm!!! :shipit:`,
      `^ this`,
      `/shrug ${k.sentence()}`,
      `~${k.int(9)}h left -> eta ${k.clock()}`,
      `w8 4 me @ ${k.noun()}; ok? y/n`,
      `$${k.int(99)} or €${k.int(99)}; deal?`,
    ]),
};
