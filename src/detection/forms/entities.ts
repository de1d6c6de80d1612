/** Named entities of characters that attacks need; letters and signs beyond ASCII stay as they are. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['sol', '/'],
  ['bsol', '\\'],
  ['period', '.'],
  ['lpar', '('],
  ['rpar', ')'],
  ['equals', '='],
  ['semi', ';'],
  ['num', '#'],
  ['colon', ':'],
  ['comma', ','],
  ['plus', '+'],
  ['ast', '*'],
  ['percnt', '%'],
  ['grave', '`'],
  ['excl', '!'],
  ['quest', '?'],
  ['lcub', '{'],
  ['rcub', '}'],
  ['dollar', '$'],
  ['tab', '\t'],
  ['newline', '\n'],
]);

const ENTITY = /&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,7})|([a-zA-Z]{2,8}));?/g;

/** HTML entities, with or without their semicolon; a name without one must be known to the end. Linear. */
export const decodeEntities = (text: string): string =>
  text.replace(ENTITY, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return NAMED.get(name.toLowerCase()) ?? whole;
    const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hexadecimal as string, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return whole;
    return String.fromCodePoint(point);
  });
