/** What the bytes of a file can be. `binary` is what no signature names and no text is. */
export type Kind =
  | 'pdf'
  | 'postscript'
  | 'rtf'
  | 'ole'
  | 'ooxml'
  | 'odf'
  | 'epub'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'tiff'
  | 'bmp'
  | 'ico'
  | 'psd'
  | 'heic'
  | 'avif'
  | 'jxl'
  | 'jp2'
  | 'mp4'
  | 'mp3'
  | 'wav'
  | 'avi'
  | 'ogg'
  | 'flac'
  | 'aac'
  | 'aiff'
  | 'midi'
  | 'amr'
  | 'matroska'
  | 'font'
  | 'sqlite'
  | 'zip'
  | 'jar'
  | 'gzip'
  | 'tar'
  | '7z'
  | 'rar'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'cab'
  | 'iso'
  | 'pe'
  | 'elf'
  | 'macho'
  | 'class'
  | 'wasm'
  | 'dex'
  | 'lnk'
  | 'chm'
  | 'flash'
  | 'script'
  | 'php'
  | 'mvg'
  | 'html'
  | 'svg'
  | 'xml'
  | 'utf16'
  | 'text'
  | 'empty'
  | 'binary';

/** Bytes that stand at one offset in every file of a kind. */
export interface Signature {
  readonly kind: Kind;
  readonly at: number;
  readonly bytes: Buffer;
}

const hex = (kind: Kind, digits: string, at = 0): Signature => ({ kind, at, bytes: Buffer.from(digits, 'hex') });
const ascii = (kind: Kind, text: string, at = 0): Signature => ({ kind, at, bytes: Buffer.from(text, 'latin1') });

/** Magic numbers, from the specifications of the formats. Kinds of two bytes, and containers, are made sure of in `sniff.ts`. */
export const SIGNATURES: readonly Signature[] = [
  hex('png', '89504e470d0a1a0a'),
  hex('jpeg', 'ffd8ff'),
  ascii('gif', 'GIF87a'),
  ascii('gif', 'GIF89a'),
  hex('tiff', '49492a00'),
  hex('tiff', '4d4d002a'),
  hex('tiff', '49492b00'),
  hex('ico', '00000100'),
  ascii('psd', '8BPS'),
  hex('jxl', '0000000c4a584c200d0a870a'),
  hex('jp2', '0000000c6a5020200d0a870a'),
  ascii('pdf', '%PDF-'),
  ascii('postscript', '%!PS'),
  hex('postscript', 'c5d0d3c6'),
  ascii('rtf', '{\\rt'),
  hex('ole', 'd0cf11e0a1b11ae1'),
  hex('zip', '504b0304'),
  hex('zip', '504b0506'),
  hex('gzip', '1f8b08'),
  hex('7z', '377abcaf271c'),
  hex('rar', '526172211a07'),
  hex('xz', 'fd377a585a00'),
  hex('zstd', '28b52ffd'),
  ascii('bzip2', 'BZh'),
  ascii('cab', 'MSCF'),
  ascii('iso', 'CD001', 32_769),
  ascii('tar', 'ustar', 257),
  ascii('mp3', 'ID3'),
  ascii('ogg', 'OggS'),
  ascii('flac', 'fLaC'),
  ascii('midi', 'MThd'),
  ascii('amr', '#!AMR'),
  ascii('aiff', 'AIFF', 8),
  ascii('aiff', 'AIFC', 8),
  hex('matroska', '1a45dfa3'),
  ascii('webp', 'WEBP', 8),
  ascii('wav', 'WAVE', 8),
  ascii('avi', 'AVI ', 8),
  ascii('mp4', 'ftyp', 4),
  ascii('mp4', 'moov', 4),
  ascii('mp4', 'mdat', 4),
  ascii('font', 'wOFF'),
  ascii('font', 'wOF2'),
  ascii('font', 'OTTO'),
  hex('font', '0001000000'),
  ascii('sqlite', 'SQLite format 3\0'),
  hex('elf', '7f454c46'),
  hex('class', 'cafebabe'),
  hex('macho', 'feedface'),
  hex('macho', 'feedfacf'),
  hex('macho', 'cefaedfe'),
  hex('macho', 'cffaedfe'),
  hex('macho', 'cafebabf'),
  hex('wasm', '0061736d'),
  ascii('dex', 'dex\n0'),
  hex('lnk', '4c0000000114020000000000c0'),
  ascii('chm', 'ITSF\x03\0\0\0'),
  hex('flash', '465753'),
  hex('flash', '435753'),
  hex('flash', '5a5753'),
];

/** Programs: whoever opens the file runs it. */
export const PROGRAMS: ReadonlySet<Kind> = new Set<Kind>([
  'pe',
  'elf',
  'macho',
  'class',
  'wasm',
  'dex',
  'lnk',
  'chm',
  'flash',
  'jar',
]);

/** Code of an interpreter: on a server that runs it, or hands it to a converter. */
export const CODE: ReadonlySet<Kind> = new Set<Kind>(['script', 'php', 'mvg', 'postscript']);

/** Archives that are recognised and not opened. */
export const SEALED: ReadonlySet<Kind> = new Set<Kind>(['7z', 'rar', 'bzip2', 'xz', 'zstd', 'cab', 'iso']);

/** Text of any kind. */
export const TEXTS: ReadonlySet<Kind> = new Set<Kind>([
  'text',
  'xml',
  'svg',
  'html',
  'script',
  'php',
  'mvg',
  'rtf',
  'postscript',
]);

/** Kinds that a decoder shows or plays, in which text of another language has no business. */
export const MEDIA: ReadonlySet<Kind> = new Set<Kind>([
  'png',
  'jpeg',
  'gif',
  'webp',
  'tiff',
  'bmp',
  'ico',
  'psd',
  'heic',
  'avif',
  'jxl',
  'jp2',
  'mp4',
  'mp3',
  'wav',
  'avi',
  'ogg',
  'flac',
  'aac',
  'aiff',
  'midi',
  'amr',
  'matroska',
  'font',
]);
