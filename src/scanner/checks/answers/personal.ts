/** Data about people that shows by its form and its check digits. */
export interface PersonalKind {
  readonly kind: string;
  /** How it looks; anchored, over the whole value. */
  readonly looks: RegExp;
  /** Whether the check digits are right. */
  is(value: string, name: string): boolean;
}

export const PERSONAL: readonly PersonalKind[] = [
  { kind: 'an IBAN', looks: /^[A-Z]{2}\d{2}(?: ?[A-Z\d]{1,4}){3,8}$/, is: isIban },
  { kind: 'an Italian tax code', looks: /^[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]$/, is: isCodiceFiscale },
  { kind: 'a Brazilian CPF', looks: /^\d{3}\.\d{3}\.\d{3}-\d\d$/, is: isCpf },
  {
    kind: 'a French social security number',
    looks: /^[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d$/,
    is: isNir,
  },
  { kind: 'a Polish PESEL', looks: /^\d{11}$/, is: (value, name) => /pesel|national/i.test(name) && isPesel(value) },
  { kind: 'a Spanish DNI', looks: /^\d{8}-?[A-HJ-NP-TV-Z]$/, is: isDni },
  {
    kind: 'a US social security number',
    looks: /^(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}$/,
    is: (_, name) => /ssn|social|tax|national/i.test(name),
  },
];

/** ISO 13616: the number read from its fifth character on, letters as 10 to 35, leaves 1 when divided by 97. */
export function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '');
  if (text.length < 15 || text.length > 34) return false;
  return remainder(text.slice(4) + text.slice(0, 4)) === 1;
}

function remainder(text: string): number {
  let left = 0;
  for (const char of text) {
    const digit = Number.parseInt(char, 36);
    left = (left * (digit > 9 ? 100 : 10) + digit) % 97;
  }
  return left;
}

const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function isCodiceFiscale(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const code = value.charCodeAt(i);
    const at = code >= 65 ? code - 65 : code - 48;
    sum += i % 2 === 0 ? (ODD[at] as number) : at;
  }
  return value.charCodeAt(15) - 65 === sum % 26;
}

function isCpf(value: string): boolean {
  const digits = value.replace(/\D/g, '');
  if (/^(\d)\1+$/.test(digits)) return false;
  const check = (length: number): number => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += Number(digits[i]) * (length + 1 - i);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** Thirteen digits and a key of two: 97 less the remainder. Corsica counts as 19 and 18. */
function isNir(value: string): boolean {
  const text = value.replaceAll(' ', '').replace('2A', '19').replace('2B', '18');
  const number = text.slice(0, 13);
  return /^\d{15}$/.test(text) && 97 - (Number(number) % 97) === Number(text.slice(13));
}

function isPesel(value: string): boolean {
  const weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(value[i]), 0);
  const month = Number(value.slice(2, 4)) % 20;
  return month >= 1 && month <= 12 && (10 - (sum % 10)) % 10 === Number(value[10]);
}

function isDni(value: string): boolean {
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(value.slice(0, 8)) % 23] === value.at(-1);
}
