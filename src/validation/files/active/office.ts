import { type FileFault, harmful, invalid } from '../fault.ts';
import type { Allowable } from '../settings.ts';
import type { Kind } from '../signatures.ts';
import { walkMarkup } from './markup.ts';
import { judgeDoctype } from './xml.ts';

/** Parts that are code, by the names that every writer gives them (ECMA-376; ODF 1.3, part 2). */
const MACRO_PART =
  /(?:^|\/)vbaproject[^/]{0,50}\.bin$|^xl\/(?:macrosheets|dialogsheets|intlmacrosheets)\/|^(?:basic|scripts)\/.{1,300}\.(?:xml|py|js|bsh|java|jar)$/i;
const ACTIVE_X = /(?:^|\/)activex\/[^/]{1,100}\.bin$/i;
/** OpenOffice writes the empty library into documents without any macro. */
const EMPTY_LIBRARY = /^basic\/(?:script-lc|standard\/script-lb|script-lb)\.xml$/i;

/** Relations by which a document is more than it shows: each is followed when it is opened, without asking. */
const FOLLOWED = /\/(?:attachedTemplate|oleObject|frame|subDocument|package|control|externalOle|ddeLink)$/i;
/** Links for which opening is running. */
const RUNNING_LINK =
  /^(?:ms-msdt|ms-officecmd|search-ms|ms-search|ms-its|mk|mhtml|its|javascript|vbscript|x-usc|shell|ms-appinstaller|res):/i;
const ELSEWHERE =
  /^(?:https?|ftp|webdav|mhtml|x-usc|ms-[a-z-]+|script(?:let)?):|^file:[\\/]{2,5}(?![\\/]|[a-z]:|localhost[\\/])[^\\/]|^\\\\/i;
const MACRO_TYPE = /macroEnabled|vbaProject|xlMacrosheet|xlIntlMacrosheet/i;

const why = 'is a document with macros';

/** A package whose parts are macros. */
export function judgeMacroParts(names: readonly string[]): FileFault | undefined {
  if (names.some((name) => MACRO_PART.test(name) && !EMPTY_LIBRARY.test(name))) return harmful('macros', why);
  return names.some((name) => ACTIVE_X.test(name))
    ? invalid('macros', 'is a document with ActiveX controls')
    : undefined;
}

/** Judges one part of a package by its place in it. */
export function judgeOfficePart(
  name: string,
  bytes: Buffer,
  inner: Kind,
  kind: Kind,
  allows: (what: Allowable) => boolean,
): FileFault | undefined {
  const lower = name.toLowerCase();
  if (inner === 'ole' || !/\.(?:xml|rels|rdf|vml|opf|xhtml|html)$/.test(lower)) return undefined;
  const text = textOf(bytes);
  const doctype = text.indexOf('<!');
  // No part of a package may have a document type (ECMA-376, part 2, section 8.1.4); pages of a book do.
  if (kind !== 'epub' && doctype >= 0 && /<!(?:doctype|entity)/i.test(text.slice(doctype, doctype + 65_536))) {
    const fault = walkMarkup<FileFault>(text, {
      tag: () => undefined,
      doctype: judgeDoctype,
      instruction: () => undefined,
    });
    return fault ?? (kind === 'ooxml' ? invalid('xml-doctype', 'holds a part with a document type') : undefined);
  }
  if (lower === '[content_types].xml')
    return MACRO_TYPE.test(text) && !allows('macros') ? harmful('macros', why) : undefined;
  if (lower.endsWith('.rels')) return judgeRelations(text);
  if (kind === 'odf') return judgeOdf(text, allows);
  return kind === 'ooxml' ? judgeFields(lower, text) : undefined;
}

/** UTF-8, or UTF-16 as XML allows it: what a part is written in must not hide what is in it. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8');
}

function judgeRelations(text: string): FileFault | undefined {
  return walkMarkup<FileFault>(text, {
    doctype: judgeDoctype,
    instruction: () => undefined,
    tag: ({ name, attributes }) => {
      if (name !== 'relationship') return undefined;
      const of = (wanted: string): string => attributes.find(([key]) => key === wanted)?.[1].trim() ?? '';
      const target = of('target');
      if (RUNNING_LINK.test(target)) return harmful('office-link', 'is a document with a link that runs something');
      if (of('targetmode').toLowerCase() !== 'external' || !FOLLOWED.test(of('type'))) return undefined;
      return ELSEWHERE.test(target)
        ? harmful('office-external', 'is a document that fetches a template or an object from elsewhere')
        : undefined;
    },
  });
}

/** DDE, in fields of Word (split over as many runs as one likes) and links of Excel. */
function judgeFields(name: string, text: string): FileFault | undefined {
  if (name.startsWith('xl/')) {
    if (/<(?:\w{1,20}:)?ddeLink\s/i.test(text)) {
      const service = /ddeService\s{0,10}=\s{0,10}["']([^"']{0,200})/i.exec(text)?.[1] ?? '';
      return /cmd|powershell|pwsh|mshta|rundll|regsvr|[cw]script|msexcel|winword|explorer|\.exe|[\\/]/i.test(service)
        ? harmful('office-dde', 'is a table that starts a program')
        : invalid('office-dde', 'is a table that asks another program (DDE)');
    }
    if (text.includes('|') && /<f[^>]{0,200}>[^<]{0,300}\|(?:'|&apos;)[^<]{0,300}!/i.test(text))
      return harmful('office-dde', 'is a table that starts a program');
    return undefined;
  }
  if (!name.startsWith('word/') || !/instr/i.test(text)) return undefined;
  let field = '';
  for (const [, run, attribute] of text.matchAll(
    /<w:(?:instrText|delInstrText)[^<>]*>([^<]*)|\bw:instr\s{0,10}=\s{0,10}["']([^"']{0,2000})|fldCharType\s{0,10}=\s{0,10}["']begin/g,
  ))
    field += run ?? `\n${attribute ?? ''}`;
  return /^\s{0,200}["']?DDE(?:AUTO)?\s/im.test(field)
    ? harmful('office-dde', 'is a document that starts a program')
    : undefined;
}

function judgeOdf(text: string, allows: (what: Allowable) => boolean): FileFault | undefined {
  if (!/event-listener|dde-|script|xlink:href/i.test(text)) return undefined;
  if (/<(?:text:dde-connection-decl|table:dde-link|office:dde-source)[\s>/]/i.test(text))
    return /dde-application\s{0,5}=\s{0,5}["'](?!soffice)/i.test(text)
      ? harmful('office-dde', 'is a document that starts a program')
      : undefined;
  if (
    /xlink:href\s{0,5}=\s{0,5}["']\s{0,5}(?:vnd\.sun\.star\.(?:script|pkg|expand)|javascript:|macro:|ms-msdt:|service:)/i.test(
      text,
    ) &&
    !allows('macros')
  )
    return harmful('macros', why);
  return /<office:script\s[^>]{0,300}script:language[^>]{0,300}>\s{0,100}[^<\s]/i.test(text) && !allows('macros')
    ? harmful('macros', why)
    : undefined;
}
