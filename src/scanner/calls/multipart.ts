import type { Encoding } from '../../contract/model.ts';
import { isPlain } from '../generate/own.ts';
import { type FileValue, Verbatim } from '../model/call.ts';
import { kindOf } from './media.ts';
import { scalarText } from './styles.ts';
import { writeJson } from './write-json.ts';

/** Whether a value is a file to be sent as a part, or as the whole body. */
export function isFileValue(value: unknown): value is FileValue {
  if (!isPlain(value)) return false;
  const { file, type, content } = value;
  return (
    typeof file === 'string' &&
    typeof type === 'string' &&
    (typeof content === 'string' || content instanceof Uint8Array)
  );
}

interface Part {
  readonly head: string;
  readonly content: string | Uint8Array;
}

/**
 * Writes `multipart/form-data` (RFC 7578): files with their names, objects as JSON, everything else as text; arrays
 * repeat the name. Text where no part is bytes.
 */
export function writeMultipart(
  value: unknown,
  encoding: ReadonlyMap<string, Encoding>,
  type: string,
): { readonly type: string; readonly content: string | Uint8Array } {
  const parts: Part[] = [];
  const subtype = (type.split(';', 1)[0] as string).trim();
  for (const [name, each] of isPlain(value) ? Object.entries(value) : []) {
    const rule = encoding.get(name);
    const json = rule?.contentType !== undefined && kindOf(rule.contentType) === 'json';
    for (const item of Array.isArray(each) && !json ? each : [each])
      if (item !== undefined) parts.push(partOf(name, item, rule));
  }
  const boundary = boundaryFor(parts);
  const pieces: (string | Uint8Array)[] = [];
  for (const { head, content } of parts) pieces.push(`--${boundary}\r\n${head}\r\n\r\n`, content, '\r\n');
  pieces.push(`--${boundary}--\r\n`);
  const texts = pieces.every((piece) => typeof piece === 'string');
  const content = texts ? pieces.join('') : Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
  return { type: `${subtype}; boundary=${boundary}`, content };
}

function partOf(name: string, value: unknown, encoding: Encoding | undefined): Part {
  const head = `Content-Disposition: form-data; name="${quoted(name)}"`;
  if (isFileValue(value)) {
    const line = value.type === '' ? '' : `\r\nContent-Type: ${value.type}`;
    return { head: `${head}; filename="${quoted(value.file)}"${line}`, content: value.content };
  }
  if (value instanceof Verbatim) return { head, content: value.text };
  if (value instanceof Uint8Array)
    return { head: `${head}; filename="sample.bin"\r\nContent-Type: application/octet-stream`, content: value };
  const said = encoding?.contentType?.split(',', 1)[0]?.trim();
  if (said !== undefined && !said.includes('*')) {
    const content = kindOf(said) === 'json' ? writeJson(value) : scalarText(value);
    return { head: `${head}\r\nContent-Type: ${said}`, content };
  }
  if (isPlain(value) || Array.isArray(value))
    return { head: `${head}\r\nContent-Type: application/json`, content: writeJson(value) };
  return { head, content: scalarText(value) };
}

/** As browsers write names (WHATWG HTML, multipart/form-data encoding): everything else stays, in UTF-8. */
const quoted = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** The same parts have the same boundary; it stands in none of them. */
function boundaryFor(parts: readonly Part[]): string {
  for (let i = 0; ; i++) {
    const boundary = `portcullis-boundary-${i}`;
    const taken = parts.some(({ content }) =>
      typeof content === 'string'
        ? content.includes(boundary)
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(boundary),
    );
    if (!taken) return boundary;
  }
}
