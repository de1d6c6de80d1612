const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|[uU]([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/g;

/** Escapes of programming languages: `\u0027`, `\u{27}`, `\x27`. Linear. */
export const decodeEscapes = (text: string): string =>
  text.replace(ESCAPE, (whole, braced?: string, four?: string, two?: string) => {
    const point = Number.parseInt((braced ?? four ?? two) as string, 16);
    return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? whole : String.fromCodePoint(point);
  });
