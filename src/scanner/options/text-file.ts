import { readFileSync, statSync } from 'node:fs';
import { LoadError } from '../../shared/finding.ts';

/**
 * Reads a text file of a person.
 * @param what for messages: `scan.yaml`, `baseline`, `certificate authorities`
 * @throws LoadError that names the file and the mend
 */
export function readTextFile(file: string, what: string, most = 4 * 1024 * 1024): string {
  const refuse = (message: string, mend: string): LoadError =>
    new LoadError([{ rule: 'scan/unreadable', severity: 'error', message, mend, place: { file, line: 1, column: 1 } }]);
  let bytes: Buffer;
  try {
    if (statSync(file).size > most) throw refuse(`the file is larger than ${most} bytes`, 'name the right file');
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof LoadError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw code === 'ENOENT'
      ? refuse(`the file does not exist (${what})`, 'correct the name')
      : refuse(`the file cannot be read (${what}, ${code})`, 'check its permissions and type');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(`the file is not UTF-8 (${what})`, 'save it as UTF-8');
  }
}
