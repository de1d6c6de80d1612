import { judgeCsv } from './active/csv.ts';
import { holdsEicar } from './active/eicar.ts';
import { judgeOle } from './active/ole.ts';
import { judgePdf } from './active/pdf.ts';
import { judgePolyglot } from './active/polyglot.ts';
import { judgeRtf } from './active/rtf.ts';
import { judgeSvg } from './active/svg.ts';
import { judgeXml } from './active/xml.ts';
import { judgeGzip, judgeTar, judgeZip } from './archives.ts';
import type { Budget } from './budget.ts';
import { type FileFault, harmful, invalid } from './fault.ts';
import type { Allowable } from './settings.ts';
import { type Kind, MEDIA, PROGRAMS, SEALED } from './signatures.ts';

/** What the files of one request are judged with. */
export interface Inspection {
  readonly budget: Budget;
  readonly allows: (what: Allowable) => boolean;
}

/** Where bytes stand: in how many archives, and in one of which kind. */
export interface Surroundings {
  readonly depth: number;
  /** `document`: nothing but the parts of a document belongs in it. */
  readonly inside: 'nothing' | 'archive' | 'document';
}

export const TOP: Surroundings = { depth: 0, inside: 'nothing' };

/** Judges what bytes do when they are opened, whatever they are called. */
export function judgeContent(
  bytes: Buffer,
  kind: Kind,
  inspection: Inspection,
  at: Surroundings,
  csv = false,
): FileFault | undefined {
  if (holdsEicar(bytes)) return harmful('malware', 'is the EICAR test file');
  if (at.inside !== 'nothing') {
    const fault = judgeInside(kind, inspection, at);
    if (fault !== undefined) return fault;
  }
  if (MEDIA.has(kind)) return judgePolyglot(bytes, kind);
  switch (kind) {
    case 'zip':
    case 'ooxml':
    case 'odf':
    case 'epub':
    case 'jar':
      return judgeZip(bytes, kind, inspection, at);
    case 'gzip':
      return judgeGzip(bytes, inspection, at);
    case 'tar':
      return judgeTar(bytes, inspection, at);
    case 'pdf':
      return judgePolyglot(bytes, kind) ?? judgePdf(bytes, inspection, at);
    case 'svg':
      return judgeSvg(bytes);
    case 'xml':
      // In an archive it is data like any other: nobody parses it on the way.
      return at.inside === 'archive' ? undefined : judgeXml(bytes);
    case 'rtf':
      return judgeRtf(bytes);
    case 'ole':
      return judgeOle(bytes, inspection.allows);
    case 'text':
      return csv ? judgeCsv(bytes) : undefined;
    default:
      return undefined;
  }
}

/** What has no place in an archive, or in a document. */
function judgeInside(kind: Kind, { allows }: Inspection, { inside }: Surroundings): FileFault | undefined {
  if (PROGRAMS.has(kind) && !allows('executables')) {
    const why = 'holds a program';
    return inside === 'document' ? harmful('program', why) : invalid('program', why);
  }
  if (SEALED.has(kind) && !allows('sealed-archives'))
    return invalid('archive-sealed', 'holds an archive that cannot be looked into');
  return undefined;
}
