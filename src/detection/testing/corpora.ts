import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the shared corpora stand: beside the repository, or where PORTCULLIS_SHARED says. */
export const CORPORA = join(
  process.env['PORTCULLIS_SHARED'] ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared'),
  'corpora',
);

/** Why tests that need the corpora are skipped; false where they are present. */
export const corporaMissing = existsSync(CORPORA) ? false : 'the shared corpora are not present';

export interface Sample {
  readonly text: string;
  readonly type: string;
}

/** HttpParams: payload, length, attack type, label. */
export function httpParams(): Sample[] {
  const file = join(CORPORA, 'httpparams', 'payload_train.csv');
  return existsSync(file)
    ? parseCsv(readFileSync(file, 'utf8'))
        .slice(1)
        .map(([text = '', , type = '']) => ({ text, type }))
    : [];
}

/** libinjection's files by the beginning of their names; lines are percent-encoded, `#` begins a comment. */
export function libinjection(prefix: string): { readonly file: string; readonly texts: readonly string[] }[] {
  const directory = join(CORPORA, 'libinjection');
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.txt'))
    .sort()
    .map((file) => ({
      file,
      texts: lines(join(directory, file))
        .filter((line) => !line.startsWith('#'))
        .map(decode),
    }));
}

/** Payload lists: one a line, as they are. */
export function payloads(name: string): string[] {
  const file = join(CORPORA, 'payloads', name);
  return existsSync(file) ? lines(file) : [];
}

const lines = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');

/** As a server reads a query: plus is space, and what is no percent-encoding stays. */
export function decode(line: string): string {
  const bytes = Buffer.alloc(Buffer.byteLength(line));
  const source = Buffer.from(line.replaceAll('+', ' '));
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const hex = source[i] === 0x25 ? source.toString('latin1', i + 1, i + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else bytes[length++] = source[i] as number;
  }
  return bytes.toString('utf8', 0, length);
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      row.push(field);
      field = '';
    } else if (c === '\n') {
      row.push(field);
      rows.push(row);
      row = [];
      field = '';
    } else if (c !== '\r') field += c;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
}
