import { Malformed } from '../fault.ts';
import { decodeUtf8, readJsonText } from './json.ts';
import { asIs, type BodyReader } from './reader.ts';

const TYPES = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']);

/** One JSON text a line; the value is the array of them. Empty lines are refused, but for the end of the last line. */
export const ndjson: BodyReader = {
  name: 'ndjson',
  accepts: (type) => TYPES.has(type),
  large: false,
  judges: 'each',
  rewritable: false,
  compile(_media, { settings }) {
    const limits = { depth: settings.maxDepth, values: settings.maxValues };
    return (bytes) => {
      const text = decodeUtf8(bytes);
      if (text instanceof Malformed) return text;
      const lines = text.split('\n', settings.maxValues + 1);
      if (lines.length > 1 && lines[lines.length - 1] === '') lines.pop();
      if (lines.length > settings.maxValues) return new Malformed('', `more than ${settings.maxValues} lines`);
      const values: unknown[] = [];
      for (let i = 0; i < lines.length; i++) {
        const value = readJsonText(lines[i] as string, limits);
        if (value instanceof Malformed) return new Malformed(`/${i}${value.pointer}`, value.detail);
        values.push(value);
      }
      return asIs(values, bytes);
    };
  },
  contentType: ({ type }) => type,
};
