import { dataCodewords, interleaved, versionFor } from './codewords.ts';
import { Drawing, MASKS, type Matrix } from './matrix.ts';

/**
 * Encodes a text as a QR code (ISO/IEC 18004): bytes, error correction level M, versions 1 to 10 (213 bytes).
 * @returns undefined where the text is longer
 */
export function qrCode(text: string): Matrix | undefined {
  const bytes = Buffer.from(text, 'utf8');
  const version = versionFor(bytes.length);
  if (version === undefined) return undefined;
  const codewords = interleaved(dataCodewords(bytes, version), version);
  const drawing = new Drawing(version);
  const places = [...drawing.places()];
  let best: { penalty: number; matrix: Matrix } | undefined;
  for (const [mask, inverts] of MASKS.entries()) {
    drawing.format(mask);
    for (const [index, [row, column]] of places.entries()) {
      const bit = ((codewords[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
      drawing.dark[row]![column] = (bit === 1) !== inverts(row, column);
    }
    const penalty = penaltyOf(drawing.dark);
    if (best === undefined || penalty < best.penalty) best = { penalty, matrix: drawing.dark.map((row) => [...row]) };
  }
  return best?.matrix;
}

/** How hard a symbol is to read (section 7.8.3). */
function penaltyOf(rows: Matrix): number {
  const size = rows.length;
  const columns = Array.from({ length: size }, (_, column) => rows.map((row) => row[column] as boolean));
  let penalty = 0;
  let dark = 0;
  for (const line of [...rows, ...columns]) penalty += runs(line) + findersAlike(line);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const module = rows[y]![x];
      if (module) dark++;
      if (
        y + 1 < size &&
        x + 1 < size &&
        [rows[y]![x + 1], rows[y + 1]![x], rows[y + 1]![x + 1]].every((m) => m === module)
      )
        penalty += 3;
    }
  }
  return penalty + 10 * Math.floor(Math.abs((dark * 100) / (size * size) - 50) / 5);
}

function runs(line: readonly boolean[]): number {
  let penalty = 0;
  let length = 0;
  for (const [i, module] of line.entries()) {
    length = module === line[i - 1] ? length + 1 : 1;
    if (length === 5) penalty += 3;
    else if (length > 5) penalty++;
  }
  return penalty;
}

function findersAlike(line: readonly boolean[]): number {
  const text = line.map((module) => (module ? '1' : '0')).join('');
  let penalty = 0;
  for (let at = text.indexOf('1011101'); at !== -1; at = text.indexOf('1011101', at + 1))
    if (text.slice(Math.max(0, at - 4), at) === '0000' || text.slice(at + 7, at + 11) === '0000') penalty += 40;
  return penalty;
}

/** Light modules around a symbol (section 9.1). */
const QUIET = 4;

/** A symbol as SVG: black on white whatever the page's colours are. @param label already escaped for an attribute */
export function qrSvg(matrix: Matrix, label: string): string {
  const side = matrix.length + 2 * QUIET;
  let path = '';
  for (const [y, row] of matrix.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      let end = x;
      while (row[end]) end++;
      path += `M${x + QUIET} ${y + QUIET}h${end - x}v1h-${end - x}z`;
      x = end;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side * 4}" height="${side * 4}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}h-${side}z"/><path fill="#000" d="${path}"/></svg>`;
}
