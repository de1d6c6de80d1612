// In pieces, or every virus scanner would take this file away. The string is public so that anyone can try their scanner.
const PREFIX = String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$`;
const CORE = Buffer.from(['EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'].join('-'), 'latin1');
const WHOLE = Buffer.concat([Buffer.from(PREFIX, 'latin1'), CORE]);

/** Whether the EICAR test file stands in these bytes, wherever: by definition it begins a file, but what holds it hides it. */
export const holdsEicar = (bytes: Buffer): boolean => bytes.indexOf(WHOLE) >= 0;

/** The test file, for tests. */
export const eicar = (): Buffer => Buffer.from(WHOLE);
