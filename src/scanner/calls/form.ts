import type { Encoding } from '../../contract/model.ts';
import { isPlain } from '../generate/own.ts';
import { Verbatim } from '../model/call.ts';
import { percent, percentReserved } from './encode.ts';
import { kindOf } from './media.ts';
import { type Piece, pairsOf, scalarText } from './styles.ts';
import { writeJson } from './write-json.ts';

/**
 * Writes `application/x-www-form-urlencoded`: each property by its encoding; without one, arrays repeat the name, and
 * objects are JSON (OpenAPI 3.2, Encoding Object).
 */
export function writeForm(value: unknown, encoding: ReadonlyMap<string, Encoding>): string {
  if (!isPlain(value)) return value === undefined ? '' : percent(scalarText(value));
  const pieces: Piece[] = [];
  for (const [name, each] of Object.entries(value))
    if (each !== undefined) pieces.push(...fieldPairs(name, each, encoding.get(name)));
  return pieces.map(([name, text]) => `${name}=${text}`).join('&');
}

function fieldPairs(name: string, value: unknown, encoding: Encoding | undefined): Piece[] {
  const encode = encoding?.allowReserved ? percentReserved : percent;
  if (value instanceof Verbatim) return [[percent(name), value.text]];
  const json = encoding?.contentType !== undefined && kindOf(encoding.contentType) === 'json';
  if (json) return [[encode(name), encode(writeJson(value))]];
  if (encoding?.style === undefined && encoding?.explode === undefined) {
    if (isPlain(value)) return [[encode(name), encode(writeJson(value))]];
  }
  const style = encoding?.style ?? 'form';
  return pairsOf({ name, style, explode: encoding?.explode ?? style === 'form', encode }, value);
}
