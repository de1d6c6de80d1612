import { type FileFault, harmful, invalid } from '../fault.ts';
import type { Allowable } from '../settings.ts';

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Names of storages and streams in a compound file's directory (MS-CFB, section 2.6), and what they mean (MS-OVBA). */
const VBA: readonly Buffer[] = [wide('_VBA_PROJECT'), wide('_VBA_PROJECT_CUR')];
const PACKAGE = wide('Ole10Native');
/** An installer: CLSID of the root storage. */
const INSTALLER = Buffer.from('84100c0000000000c000000000000046', 'hex');
const PROGRAM_STUB = Buffer.from('This program cannot be run in DOS mode');
const PROGRAM_LABEL = /\.(?:exe|scr|com|bat|cmd|vb[se]|jse?|ws[fh]|hta|ps1|lnk|msi|jar|cpl|url|sct)\0/i;
/** Bytes after the name of an embedded package in which its label stands. */
const LABEL = 64 * 1024;

/** Judges a compound file: an Office document before 2007, or an object in one after. */
export function judgeOle(bytes: Buffer, allows: (what: Allowable) => boolean): FileFault | undefined {
  if (!allows('executables')) {
    if (bytes.indexOf(INSTALLER) >= 0) return invalid('program', 'is an installer');
    if (bytes.indexOf(PROGRAM_STUB) >= 0) return harmful('program', 'holds a program');
    if (bytes.indexOf(PACKAGE) >= 0 && holdsProgram(bytes)) return harmful('program', 'holds a program');
  }
  if (!allows('macros') && VBA.some((mark) => bytes.indexOf(mark) >= 0)) return harmful('macros', 'holds macros');
  return undefined;
}

/** A packaged file begins with its label and the path it came from, each ended by NUL (MS-OLEDS, OLE1.0 package). */
function holdsProgram(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(Buffer.from('\x02\0', 'latin1')), i = 0; at >= 0 && i < 2000; i++) {
    const label = bytes.toString('latin1', at + 2, Math.min(at + 2 + 520, bytes.length));
    if (/^[\x20-\xff]{1,255}\0/.test(label) && PROGRAM_LABEL.test(label)) return true;
    at = bytes.indexOf(Buffer.from('\x02\0', 'latin1'), at + 1);
  }
  return bytes.length <= LABEL && PROGRAM_LABEL.test(bytes.toString('latin1'));
}
