// A part of the clinic that is careless on purpose, built so that what it is careless with stays in here.
/** What an expression may be worth. */
export type Value = number | string;

const TOKEN = /\s*(?:(\d{1,15}(?:\.\d{1,9})?)|([A-Za-z_][\w.]{0,60})|"([^"]{0,200})"|'([^']{0,200})'|([-+*/%()]))/y;
const DEEPEST = 50;

/**
 * Works out an expression: numbers, texts, names, `+ - * / %` and parentheses. Nothing else can be said in it, so that
 * what a caller smuggles into it stays in here.
 * @param lookup what a name stands for; undefined where there is none of that name
 * @throws Error where it is no expression
 */
export function evaluate(text: string, lookup: (name: string) => Value | undefined): Value {
  const tokens: { value?: Value; sign?: string }[] = [];
  let at = 0;
  while (at < text.length && text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`no expression: ${text.slice(at, at + 20)}`);
    at = TOKEN.lastIndex;
    const [, number, name, double, single, sign] = found;
    if (number !== undefined) tokens.push({ value: Number(number) });
    else if (sign !== undefined) tokens.push({ sign });
    else if (name === undefined) tokens.push({ value: double ?? single ?? '' });
    else tokens.push({ value: known(name, lookup(name)) });
  }
  let next = 0;
  const sign = (): string | undefined => tokens[next]?.sign;
  const sum = (depth: number): Value => {
    let left = product(depth);
    for (let by = sign(); by === '+' || by === '-'; by = sign()) {
      next += 1;
      left = join(left, by, product(depth));
    }
    return left;
  };
  const product = (depth: number): Value => {
    let left = single(depth);
    for (let by = sign(); by === '*' || by === '/' || by === '%'; by = sign()) {
      next += 1;
      left = join(left, by, single(depth));
    }
    return left;
  };
  const single = (depth: number): Value => {
    const token = tokens[next];
    next += 1;
    if (token?.value !== undefined) return token.value;
    if (depth >= DEEPEST) throw new Error('nested too deep');
    if (token?.sign === '-') return join(0, '-', single(depth + 1));
    if (token?.sign !== '(') throw new Error('a value is missing');
    const inner = sum(depth + 1);
    if (sign() !== ')') throw new Error('a parenthesis is missing');
    next += 1;
    return inner;
  };
  const result = sum(0);
  if (next < tokens.length) throw new Error('something is left over');
  return result;
}

function known(name: string, value: Value | undefined): Value {
  if (value === undefined) throw new Error(`${name} is not defined`);
  return value;
}

function join(left: Value, sign: string, right: Value): Value {
  if (sign === '+' && (typeof left === 'string' || typeof right === 'string')) return `${left}${right}`;
  const [one, two] = [Number(left), Number(right)];
  if (sign === '+') return one + two;
  if (sign === '-') return one - two;
  if (sign === '*') return one * two;
  return sign === '/' ? one / two : one % two;
}
