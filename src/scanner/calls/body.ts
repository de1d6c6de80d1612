import type { Operation } from '../../contract/model.ts';
import { isPlain } from '../generate/own.ts';
import { type Call, Verbatim } from '../model/call.ts';
import { writeForm } from './form.ts';
import { kindOf, mediaOf } from './media.ts';
import { isFileValue, writeMultipart } from './multipart.ts';
import { scalarText } from './styles.ts';
import { writeJson } from './write-json.ts';
import { writeXml } from './xml.ts';

/** A body as it goes over the wire, with its `Content-Type`. */
export interface Rendered {
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** Writes a body by its media type. Text and bytes go as they are, whatever the type says. */
export function renderBody({ type, value }: NonNullable<Call['body']>, operation: Operation): Rendered {
  if (value instanceof Verbatim) return { type, content: value.text };
  if (value instanceof Uint8Array) return { type, content: value };
  const kind = kindOf(type);
  const encoding = mediaOf(operation, type)?.encoding ?? new Map();
  switch (kind) {
    case 'json':
      return { type, content: writeJson(value) };
    case 'ndjson':
      return { type, content: (Array.isArray(value) ? value : [value]).map((each) => `${writeJson(each)}\n`).join('') };
    case 'form':
      return { type, content: writeForm(value, encoding) };
    case 'multipart':
      return /;\s*boundary=/i.test(type) && typeof value === 'string'
        ? { type, content: value }
        : writeMultipart(value, encoding, type);
    case 'xml':
      return { type, content: typeof value === 'string' ? value : writeXml(value, mediaOf(operation, type)?.schema) };
    default:
      if (isFileValue(value)) return { type: type === '' ? value.type : type, content: value.content };
      return { type, content: isPlain(value) || Array.isArray(value) ? writeJson(value) : scalarText(value) };
  }
}
