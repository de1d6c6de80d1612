import { type Dictionary, type InnerList, type Item, isInnerList, parseDictionary } from 'structured-headers';
import { SignatureError } from './error.ts';

/** Characters of one field; a signature field of four signatures has about 2,000. */
export const MAX_FIELD = 16_384;

/**
 * Reads a dictionary (RFC 9651, section 3.2) in which nothing is said twice. By the RFC the last of two equal keys wins;
 * for signatures that is one reader's choice too many, so equal keys and equal parameters are refused.
 * @param name of the field, for the reason
 * @throws SignatureError
 */
export function readDictionary(name: string, text: string): Dictionary {
  if (text.length > MAX_FIELD) throw new SignatureError(`${name} is longer than ${MAX_FIELD} characters`);
  const written = shapeOf(text);
  let dictionary: Dictionary;
  try {
    dictionary = parseDictionary(text);
  } catch {
    throw new SignatureError(`${name} is not a dictionary (RFC 9651)`);
  }
  if (written === undefined || dictionary.size !== written.members)
    throw new SignatureError(`${name} names a label or key twice`);
  let parameters = 0;
  for (const member of dictionary.values()) parameters += parametersOf(member);
  if (parameters !== written.parameters) throw new SignatureError(`${name} gives a parameter twice`);
  return dictionary;
}

const parametersOf = (member: Item | InnerList): number =>
  isInnerList(member) ? member[0].reduce((sum, item) => sum + item[1].size, member[1].size) : (member as Item)[1].size;

/** Members and parameters as written. Display strings, which nothing here has, are not understood: undefined. */
function shapeOf(text: string): { members: number; parameters: number } | undefined {
  let members = text.trim() === '' ? 0 : 1;
  let parameters = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
        break;
      case 0x25:
        return undefined;
      case 0x28:
        depth++;
        break;
      case 0x29:
        depth--;
        break;
      case 0x2c:
        if (depth === 0) members++;
        break;
      case 0x3b:
        parameters++;
        break;
    }
  }
  return { members, parameters };
}
