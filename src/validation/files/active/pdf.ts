import { type Inspection, judgeContent, type Surroundings } from '../contents.ts';
import { type FileFault, harmful, invalid } from '../fault.ts';
import { kindOfBytes } from '../sniff.ts';
import { dictionaryBefore, MAX_DICTIONARY, PdfFile, unpackStream } from './pdf-streams.ts';

/** Streams opened at most: one for every hundred objects, and files that are attached. */
const MAX_STREAMS = 2000;
/** Actions of opening that are followed; more are not an honest file's. */
const MAX_ACTIONS = 20;

/** A name with any of its characters written `#hh` (ISO 32000-1, section 7.3.5). */
const name = (text: string): string =>
  `/${[...text]
    .map(
      (c) =>
        `(?:${c}|#${c
          .charCodeAt(0)
          .toString(16)
          .replace(/[a-f]/, (digit) => `[${digit}${digit.toUpperCase()}]`)})`,
    )
    .join('')}(?![\\w#.-])`;

const SCRIPT = new RegExp(name('JavaScript'));
const LAUNCH = new RegExp(`${name('S')}\\s{0,20}${name('Launch')}`);
const OPENS = new RegExp(
  `${name('OpenAction')}\\s{0,20}(?:<<|(\\d{1,10})\\s{1,5}\\d{1,5}\\s{1,5}R)|${name('AA')}`,
  'g',
);
const REMOTE = new RegExp(`${name('GoToR')}|${name('GoToE')}|${name('ImportData')}`);
/** A path of another machine: Windows logs in there, with the user's name and a hash of the password. */
const UNC =
  /\(\s{0,10}(?:\\\\){2}[^\s()\\]{1,253}(?:\\\\|\/)|\(\s{0,10}\\\\[\w.-]{3,253}\\|\(\s{0,10}\/\/[\w.-]{3,253}\//;
/** A file specification with a file in it, or the file. */
const ATTACHED = new RegExp(`${name('EmbeddedFile')}|${name('EF')}\\s{0,20}<<`);
const ENCRYPTED = new RegExp(name('Encrypt'));
const OBJECTS = new RegExp(name('ObjStm'), 'g');
const FLASH = new RegExp(name('RichMedia'));
const STREAM = /(?<!end)stream(?:\r\n|\n|\r)/g;
/** Names of attached files: what opens them runs them. */
const PROGRAM_NAME =
  /\/U?F\s{0,20}\([^()\r\n]{1,250}\.(?:exe|scr|com|bat|cmd|vb[se]|jse?|ws[fh]|hta|ps1|lnk|msi|jar|cpl|settingcontent-ms)\s{0,5}\)/i;
/** What a script in a form field is, where Acrobat wrote it: one call of its library that formats, checks or adds up. */
const FORM_SCRIPT =
  /\/JS\s{0,20}\(\s{0,20}(?:AF(?:Number|Percent|Date|Time|Special|Range|Simple|Make|Merge)_?[A-Za-z]{0,30}\s{0,5}\\?\(|event\.(?:rc|value)\s{0,5}=)/g;
const ANY_SCRIPT = /\/JS(?![\w#])/g;

/** Judges a PDF by the actions in it, written out or in object streams, and by the files attached to it. */
export function judgePdf(bytes: Buffer, inspection: Inspection, at: Surroundings): FileFault | undefined {
  const file = new PdfFile(bytes);
  const texts = [file.text];
  const sealed = ENCRYPTED.test(file.text) && !inspection.allows('encrypted');
  let opened = 0;
  for (const found of file.text.matchAll(OBJECTS)) {
    // What is encrypted without object streams shows all its names: only its texts are hidden.
    if (sealed) return invalid('encrypted', 'is encrypted and cannot be judged');
    if (++opened > MAX_STREAMS) return invalid('pdf-size', 'has more object streams than can be judged');
    const objects = streamAfter(file, found.index, inspection);
    if (objects === undefined) continue;
    if (!Buffer.isBuffer(objects)) {
      if (ENCRYPTED.test(file.text)) break;
      return objects;
    }
    texts.push(objects.toString('latin1'));
  }
  const fault = judgeActions(texts, inspection);
  if (fault !== undefined || !texts.some((text) => ATTACHED.test(text))) return fault;
  if (sealed) return invalid('encrypted', 'is encrypted and cannot be judged');
  return judgeAttached(new PdfFile(bytes), inspection, at);
}

/** The data of the stream whose dictionary a name stands in, unpacked. */
function streamAfter(file: PdfFile, from: number, inspection: Inspection): Buffer | FileFault | undefined {
  STREAM.lastIndex = 0;
  const mark = STREAM.exec(file.text.slice(from, from + MAX_DICTIONARY));
  if (mark === null) return undefined;
  const start = from + mark.index;
  const dictionary = dictionaryBefore(file.text, start);
  // Without a filter it stands in the text of the file, which is searched as it is.
  if (!/\/F|#/.test(dictionary)) return undefined;
  return unpackStream(file, start + mark[0].length, dictionary, inspection);
}

function judgeActions(texts: readonly string[], { allows }: Inspection): FileFault | undefined {
  for (const text of texts) {
    if (LAUNCH.test(text)) return harmful('pdf-launch', 'is a PDF that starts a program');
    if (REMOTE.test(text) && UNC.test(text))
      return harmful('pdf-remote', 'is a PDF that asks another machine for a file');
    if (PROGRAM_NAME.test(text)) return harmful('pdf-attachment', 'is a PDF with a program attached');
  }
  if (allows('pdf-scripts')) return undefined;
  if (texts.some((text) => FLASH.test(text))) return invalid('pdf-script', 'is a PDF with a film that runs');
  const scripts = texts.filter((text) => SCRIPT.test(text));
  if (scripts.length === 0) return undefined;
  const ofForms = scripts.every(
    (text) => count(text, ANY_SCRIPT) > 0 && count(text, ANY_SCRIPT) === count(text, FORM_SCRIPT),
  );
  if (ofForms) return undefined;
  return texts.some(runsByItself)
    ? harmful('pdf-script', 'is a PDF with a script that runs when it is opened')
    : invalid('pdf-script', 'is a PDF with a script');
}

/** A script in the tree of names of the catalog, in the action of opening, or in that of a page. */
function runsByItself(text: string): boolean {
  if (/\/JavaScript\s{0,20}(?:<<|\d{1,10}\s{1,5}\d{1,5}\s{1,5}R)/.test(text)) return true;
  let looked = 0;
  for (const { 0: opens, 1: object, index } of text.matchAll(OPENS)) {
    if (++looked > MAX_ACTIONS) return true;
    const from = object === undefined ? index : text.search(new RegExp(`(?<!\\d)${object}\\s{1,5}\\d{1,5}\\s{1,5}obj`));
    // An action in an object stream stands under no number of its own.
    if (from < 0 || SCRIPT.test(text.slice(from, from + opens.length + 600))) return true;
  }
  return false;
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _each of text.matchAll(pattern)) found++;
  return found;
}

/** The files in it, by what they are: an invoice in XML is welcome, a program is not. */
function judgeAttached(file: PdfFile, inspection: Inspection, at: Surroundings): FileFault | undefined {
  const depth = at.depth + 1;
  if (depth > inspection.budget.limits.maxDepth)
    return harmful('archive-depth', 'holds documents in documents too deep');
  let opened = 0;
  for (const mark of file.text.matchAll(STREAM)) {
    const dictionary = dictionaryBefore(file.text, mark.index);
    if (!mayBeAttached(dictionary)) continue;
    if (++opened > MAX_STREAMS) return invalid('pdf-size', 'has more streams than can be judged');
    const data = unpackStream(file, mark.index + mark[0].length, dictionary, inspection);
    if (data === undefined) continue;
    if (!Buffer.isBuffer(data)) return data;
    const fault = judgeContent(data, kindOfBytes(data), inspection, { depth, inside: 'document' });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Pictures, fonts, pages' contents and the like say what they are, and are not what is attached. */
const mayBeAttached = (dictionary: string): boolean =>
  /EmbeddedFile|\/#|#[0-9a-f]{2}/i.test(dictionary) ||
  !/\/Subtype\s{0,5}\/(?:Image|Form|Type1C|CIDFontType0C|OpenType|XML)|\/Type\s{0,5}\/(?:XRef|ObjStm|XObject|Metadata|Font)|\/Length[123]\s|\/FunctionType|\/N\s\d/.test(
    dictionary,
  );
