/** Markup that lost its capitals on the way can no longer be told by base64. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['adw', '<'],
  ['ad4', '>'],
  ['aci', '"'],
  ['acc', "'"],
]);

/** UTF-7 (RFC 2152): runs between `+` and `-` are UTF-16 in base64. Linear. */
export const decodeUtf7 = (text: string): string =>
  text.replace(/\+([A-Za-z0-9+/]{3,64})-?/g, (whole, packed: string) => {
    const known = PLAIN.get(packed.toLowerCase());
    if (known !== undefined) return known;
    const bytes = Buffer.from(packed, 'base64');
    let result = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) result += String.fromCharCode(bytes.readUInt16BE(i));
    return /^[\t\n\r\x20-\x7e]+$/.test(result) ? result : whole;
  });
