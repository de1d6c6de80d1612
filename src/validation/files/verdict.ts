import { FilesJudge, type GivenFile } from './judge-file.ts';
import { type FilesSettings, filesSettings } from './settings.ts';

export type Given = Partial<Omit<GivenFile, 'bytes'>> & { bytes: Buffer | string };

/** What the tests compare: `ok`, or `harmful: rule`, or `invalid: rule`. */
export function verdict(given: Given, settings: Partial<FilesSettings> = {}): string {
  const file: GivenFile = {
    pointer: '/file',
    filename: undefined,
    mediaType: 'application/octet-stream',
    named: [],
    ...given,
    bytes: Buffer.from(given.bytes as string),
  };
  const [found] = new FilesJudge({ ...filesSettings.parse({}), ...settings }).judge([file]);
  return found === undefined ? 'ok' : `${found.fault.harmful ? 'harmful' : 'invalid'}: ${found.fault.rule}`;
}
