import { Malformed } from '../fault.ts';
import { readJson } from './json.ts';
import { isJson } from './names.ts';
import { asIs, type BodyReader } from './reader.ts';

/** `application/json` and `+json`. RFC 8259 defines no parameters: none goes on. */
export const jsonBody: BodyReader = {
  name: 'json',
  accepts: isJson,
  large: false,
  judges: 'whole',
  rewritable: true,
  compile(_media, { settings }) {
    const limits = { depth: settings.maxDepth, values: settings.maxValues };
    return (bytes) => {
      const value = readJson(bytes, limits);
      return value instanceof Malformed ? value : asIs(value, bytes);
    };
  },
  contentType: ({ type }) => type,
};
