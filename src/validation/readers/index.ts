import { binary } from './binary.ts';
import { form } from './form.ts';
import { jsonBody } from './json-body.ts';
import { multipart } from './multipart.ts';
import { ndjson } from './ndjson.ts';
import type { BodyReader } from './reader.ts';
import { text } from './text.ts';
import { xml } from './xml.ts';

/** Every reader, the particular before the general; a new media type is one file and one line. */
export const READERS: readonly BodyReader[] = [jsonBody, form, multipart, ndjson, xml, text, binary];

/** The reader of a media type; undefined where there is none and bodies of it are refused. */
export const readerFor = (type: string): BodyReader | undefined => READERS.find((reader) => reader.accepts(type));
