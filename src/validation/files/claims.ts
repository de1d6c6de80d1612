import { CODE, type Kind, PROGRAMS } from './signatures.ts';

/** What a media type or the ending of a name says: the kinds of bytes that keep the word. */
export interface Claim {
  readonly kinds: ReadonlySet<Kind>;
  /** Text of a certain form: it must also begin like it. */
  readonly form: 'json' | undefined;
  /** Whoever opens or serves such a file runs it. */
  readonly runs: boolean;
}

type Row = readonly [kinds: readonly Kind[], types: string, endings: string];

const TEXT: readonly Kind[] = ['text', 'xml', 'empty'];
const MARKED_UP: readonly Kind[] = [...TEXT, 'html', 'svg'];
const ZIPPED: readonly Kind[] = ['zip', 'ooxml', 'odf', 'epub', 'jar'];
const SOURCE: readonly Kind[] = ['text', 'xml', 'html', 'script', 'php', 'empty'];
const WORD = 'application/vnd.openxmlformats-officedocument';
const ODF = 'application/vnd.oasis.opendocument';

/** Kinds, the media types that mean them, the endings that do. Both are as clients really send them. */
const QUIET: readonly Row[] = [
  [['pdf'], 'application/pdf application/x-pdf', 'pdf'],
  [['png'], 'image/png image/x-png image/apng', 'png apng'],
  [['jpeg'], 'image/jpeg image/jpg image/pjpeg', 'jpg jpeg jpe jfif pjpeg'],
  [['gif'], 'image/gif', 'gif'],
  [['webp'], 'image/webp', 'webp'],
  [['tiff'], 'image/tiff', 'tif tiff'],
  [['bmp'], 'image/bmp image/x-ms-bmp', 'bmp dib'],
  [['ico'], 'image/x-icon image/vnd.microsoft.icon', 'ico'],
  [['psd'], 'image/vnd.adobe.photoshop', 'psd'],
  [['heic', 'avif'], 'image/heic image/heif image/heic-sequence image/heif-sequence', 'heic heif'],
  [['avif', 'heic'], 'image/avif', 'avif'],
  [['jxl'], 'image/jxl', 'jxl'],
  [['jp2'], 'image/jp2', 'jp2'],
  [['svg'], 'image/svg+xml', 'svg'],
  [['gzip'], '', 'svgz'],
  [
    ['mp4', 'heic'],
    'video/mp4 audio/mp4 audio/x-m4a audio/m4a video/quicktime video/x-m4v video/3gpp',
    'mp4 m4a m4v mov 3gp',
  ],
  [['mp3'], 'audio/mpeg audio/mp3', 'mp3'],
  [['wav'], 'audio/wav audio/x-wav audio/wave audio/vnd.wave', 'wav'],
  [['avi'], 'video/x-msvideo video/avi', 'avi'],
  [['ogg'], 'audio/ogg video/ogg application/ogg audio/opus', 'ogg oga ogv opus'],
  [['flac'], 'audio/flac audio/x-flac', 'flac'],
  [['aac'], 'audio/aac', 'aac'],
  [['aiff'], 'audio/aiff audio/x-aiff', 'aiff aif'],
  [['midi'], 'audio/midi audio/x-midi', 'mid midi'],
  [['amr'], 'audio/amr', 'amr'],
  [['matroska'], 'video/webm audio/webm video/x-matroska', 'webm mkv weba'],
  [['font'], 'font/woff font/woff2 font/ttf font/otf application/font-woff', 'woff woff2 ttf otf'],
  [['sqlite'], 'application/vnd.sqlite3 application/x-sqlite3', 'sqlite sqlite3'],
  [ZIPPED, 'application/zip application/x-zip-compressed application/x-zip', 'zip'],
  [['gzip'], 'application/gzip application/x-gzip', 'gz tgz'],
  [['tar', 'gzip'], 'application/x-tar application/x-gtar', 'tar'],
  [['7z'], 'application/x-7z-compressed', '7z'],
  [['rar'], 'application/vnd.rar application/x-rar-compressed application/x-rar', 'rar'],
  [['bzip2'], 'application/x-bzip2', 'bz2'],
  [['xz'], 'application/x-xz', 'xz'],
  [['zstd'], 'application/zstd', 'zst'],
  [['cab'], 'application/vnd.ms-cab-compressed', 'cab'],
  [['iso'], 'application/x-iso9660-image', 'iso'],
  [['ooxml'], `${WORD}.wordprocessingml.document ${WORD}.wordprocessingml.template`, 'docx dotx'],
  [['ooxml'], `${WORD}.spreadsheetml.sheet ${WORD}.spreadsheetml.template`, 'xlsx xltx'],
  [
    ['ooxml'],
    `${WORD}.presentationml.presentation ${WORD}.presentationml.slideshow ${WORD}.presentationml.template`,
    'pptx ppsx potx',
  ],
  [
    ['ooxml'],
    'application/vnd.ms-word.document.macroenabled.12 application/vnd.ms-excel.sheet.macroenabled.12 application/vnd.ms-powerpoint.presentation.macroenabled.12 application/vnd.ms-word.template.macroenabled.12 application/vnd.ms-excel.template.macroenabled.12 application/vnd.ms-excel.addin.macroenabled.12 application/vnd.ms-powerpoint.slideshow.macroenabled.12 application/vnd.ms-excel.sheet.binary.macroenabled.12',
    'docm dotm xlsm xltm xlam xlsb pptm potm ppsm',
  ],
  [
    ['odf'],
    `${ODF}.text ${ODF}.spreadsheet ${ODF}.presentation ${ODF}.graphics ${ODF}.text-template ${ODF}.spreadsheet-template`,
    'odt ods odp odg ott ots',
  ],
  [['epub'], 'application/epub+zip', 'epub'],
  // Word writes and opens both under one name.
  [['ole', 'rtf'], 'application/msword', 'doc dot'],
  // Browsers call every file by this type that Excel is registered for, CSV among them.
  [['ole', 'text'], 'application/vnd.ms-excel', ''],
  [['ole'], '', 'xls xlt'],
  [['ole'], 'application/vnd.ms-powerpoint', 'ppt pps pot'],
  [['ole'], 'application/vnd.ms-outlook', 'msg'],
  [['ole'], 'application/vnd.visio', 'vsd'],
  [['rtf'], 'application/rtf text/rtf', 'rtf'],
  [TEXT, 'text/plain', 'txt text log'],
  [MARKED_UP, 'text/markdown text/x-markdown', 'md markdown'],
  [['text', 'empty'], 'text/csv application/csv text/tab-separated-values', 'csv tsv'],
  [['text'], 'application/json', 'json geojson'],
  [['xml', 'svg', 'text'], 'application/xml text/xml', 'xml xsd gpx kml'],
  [TEXT, 'application/yaml application/x-yaml text/yaml', 'yaml yml'],
  [['text'], 'text/calendar', 'ics'],
  [['text'], 'text/vcard text/x-vcard', 'vcf'],
  [TEXT, 'text/vtt application/x-subrip', 'vtt srt'],
  [['text'], 'application/x-ndjson application/jsonl', 'ndjson jsonl'],
  [TEXT, 'text/css', 'css'],
];

/** Of these the contract must name the type, whatever the bytes are: the name alone makes somebody run them. */
const RUNS: readonly Row[] = [
  [['html', 'text', 'xml'], 'text/html application/xhtml+xml', 'html htm xhtml xht mht mhtml'],
  [['text', 'empty'], 'text/javascript application/javascript application/x-javascript', 'js mjs cjs jse'],
  [
    ['pe'],
    'application/vnd.microsoft.portable-executable application/x-msdownload application/x-dosexec application/x-ms-dos-executable',
    'exe dll scr com pif cpl sys ocx drv',
  ],
  [['ole'], 'application/x-msi', 'msi msp mst'],
  [['elf'], 'application/x-executable application/x-elf application/x-sharedlib', 'elf so bin_elf'],
  [['macho'], 'application/x-mach-binary', 'dylib'],
  [['jar', 'zip'], 'application/java-archive application/x-java-archive', 'jar war ear'],
  [['jar', 'zip'], 'application/vnd.android.package-archive', 'apk aab xapk'],
  [['zip'], '', 'ipa appx msix xpi crx vsix'],
  [['class'], 'application/java-vm', 'class'],
  [['wasm'], 'application/wasm', 'wasm'],
  [['flash'], 'application/x-shockwave-flash', 'swf'],
  [['lnk'], 'application/x-ms-shortcut', 'lnk'],
  [['chm'], 'application/vnd.ms-htmlhelp', 'chm'],
  [['postscript'], 'application/postscript', 'ps eps'],
  [SOURCE, 'application/x-sh text/x-shellscript application/x-shellscript', 'sh bash zsh ksh csh command'],
  [SOURCE, 'text/x-python application/x-python', 'py pyw'],
  [SOURCE, 'text/x-perl application/x-perl', 'pl pm cgi fcgi'],
  [SOURCE, 'text/x-ruby application/x-ruby', 'rb'],
  [
    SOURCE,
    'application/x-httpd-php text/x-php application/x-php',
    'php php3 php4 php5 php7 php8 phps pht phtm phtml phpt pgif phar inc',
  ],
  [
    SOURCE,
    '',
    'asp aspx asa asax ascx ashx asmx axd cer cdx config cshtml vbhtml soap rem xamlx svc stm shtm shtml hta',
  ],
  [SOURCE, '', 'jsp jspx jspf jsw jsv jhtml do action cfm cfml cfc dbm ctp twig ejs erb'],
  [SOURCE, 'application/x-bat application/x-msdos-program', 'bat cmd'],
  [SOURCE, '', 'vbs vbe vb wsf wsh wsc sct ps1 psm1 psd1 ps1xml psc1 msh scf reg inf job url desktop application'],
  [SOURCE, '', 'scpt applescript workflow terminal jnlp gadget msc xbap xll library-ms settingcontent-ms'],
];

const byType = new Map<string, Claim>();
const byEnding = new Map<string, Claim>();
for (const [rows, runs] of [
  [QUIET, false],
  [RUNS, true],
] as const) {
  for (const [kinds, types, endings] of rows) {
    const json = types === 'application/json' ? 'json' : undefined;
    const claim: Claim = { kinds: new Set(kinds), form: json, runs };
    for (const type of types.split(' ').filter(Boolean)) byType.set(type, claim);
    for (const ending of endings.split(' ').filter(Boolean)) byEnding.set(ending, claim);
  }
}

/** What a media type claims; undefined where any bytes keep its word. */
export function claimOfType(type: string): Claim | undefined {
  return byType.get(type) ?? (type.endsWith('+json') ? byType.get('application/json') : undefined);
}

/** What the ending of a name claims, lower case, without its dot. */
export const claimOfEnding = (ending: string): Claim | undefined => byEnding.get(ending);

/** Tables of text, which spreadsheets open. */
export const isTable = (claim: Claim): boolean =>
  claim === byType.get('text/csv') || claim === byType.get('application/vnd.ms-excel');

/** Whether the contract names a type whose files are of this kind: it wants them, whatever they are. */
export const namesKind = (named: readonly string[], kind: Kind): boolean =>
  named.some((type) => {
    const claim = byType.get(type);
    return claim !== undefined && (claim.runs || !(PROGRAMS.has(kind) || CODE.has(kind))) && claim.kinds.has(kind);
  });

/** Whether the contract names a type that files of this ending have. */
export const namesEnding = (named: readonly string[], ending: string): boolean => {
  const claim = byEnding.get(ending);
  return claim !== undefined && named.some((type) => byType.get(type) === claim);
};

/** An ending of web pages: they run in the browser of whoever opens them, not on a server. */
export const isPage = (ending: string): boolean => byEnding.get(ending) === byType.get('text/html');
