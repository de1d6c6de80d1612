import type { Operation } from '../../contract/model.ts';
import type { PolicyLine } from '../../gateway/room.ts';
import { READERS, readerFor } from '../readers/index.ts';
import { mayHoldFiles } from './files.ts';
import { nameOfScanner } from './scan-files.ts';
import type { FilesSettings } from './settings.ts';

/** Whether an operation takes files. */
export const takesFiles = ({ body }: Operation): boolean =>
  body?.content.some(({ type }) => {
    if (type.includes('*')) return READERS.some((reader) => mayHoldFiles(type, reader));
    const reader = readerFor(type);
    return reader !== undefined && mayHoldFiles(type, reader);
  }) === true;

const MODES = {
  enforce: 'what is not what it says, or does harm, is refused',
  report: 'what is not what it says, or does harm, is reported only',
  off: 'not looked at',
} as const;

/** What is in force for files, for people; nothing where an operation takes none. */
export function explainFiles(settings: FilesSettings, origin: string, operation: Operation): PolicyLine[] {
  if (!takesFiles(operation)) return [];
  const lines: PolicyLine[] = [{ part: 'files', value: MODES[settings.mode], origin }];
  if (settings.mode === 'off') return lines;
  const { archives, allow, scan } = settings;
  lines.push({
    part: 'archives',
    value: `${archives.maxEntries} entries, ${archives.maxDepth} deep, ${archives.maxUnpacked} bytes unpacked, at most ${archives.maxRatio}:1`,
    origin,
  });
  if (allow.length > 0) lines.push({ part: 'allowed in files', value: allow.join(', '), origin });
  const failing = scan?.onError === 'pass' ? 'let through when it does not answer' : 'refused when it does not answer';
  lines.push({ part: 'virus scan', value: scan === undefined ? 'none' : `${nameOfScanner(scan)}, ${failing}`, origin });
  return lines;
}
