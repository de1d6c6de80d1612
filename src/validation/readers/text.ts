import { Malformed } from '../fault.ts';
import { expected, INVALID, toScalar } from '../scalar.ts';
import { shapeOf } from '../shape.ts';
import { decodeUtf8 } from './json.ts';
import { isText } from './names.ts';
import { asIs, type BodyReader } from './reader.ts';

/** Decodes a text that somebody may print or hand to a C library: UTF-8 without byte order mark and without NUL. */
export function readText(bytes: Buffer): string | Malformed {
  const text = decodeUtf8(bytes);
  if (typeof text === 'string' && text.includes('\0')) return new Malformed('', 'holds a NUL');
  return text;
}

/** `text/*` and its like. The charset goes on, so that no upstream falls back to another. */
export const text: BodyReader = {
  name: 'text',
  accepts: isText,
  large: false,
  judges: 'whole',
  rewritable: false,
  compile(media) {
    const shape = shapeOf(media.schema);
    const convert = toScalar(shape);
    const detail = `must be ${expected(shape)}`;
    return (bytes, _type, violations) => {
      const read = readText(bytes);
      if (read instanceof Malformed) return read;
      const value = convert(read);
      if (value !== INVALID) return asIs(value, bytes);
      violations.add('body', '', detail);
      return asIs(read, bytes);
    };
  },
  contentType: ({ type }) => (type.startsWith('text/') ? `${type}; charset=utf-8` : type),
};
