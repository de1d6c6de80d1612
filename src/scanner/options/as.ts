import { nearest } from '../../shared/nearest.ts';
import { type IdentitySettings, identitySettings, type Way } from '../state/settings.ts';
import { readTextFile } from './text-file.ts';

/** What was written on the command line is wrong. Never holds a secret. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}

/** Where the values of `env:NAME` come from, and what the command line says for all OAuth clients. */
export interface AsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Token endpoint of `OAuth:` identities. */
  readonly tokenUrl?: string | undefined;
}

/** Words of the command line, lower case, and the ways they stand for. */
const KINDS: ReadonlyMap<string, Way> = new Map([
  ['bearer', 'bearer'],
  ['apikey', 'key'],
  ['basic', 'basic'],
  ['login', 'login'],
  ['cookie', 'cookie'],
  ['oauth', 'oauth'],
]);
const SHOWN = ['Bearer', 'ApiKey', 'Basic', 'Login', 'Cookie', 'OAuth'];
/** Characters of a file that holds a secret. */
const SECRET_FILE = 64 * 1024;

/**
 * Reads `--as NAME=KIND:VALUE`: `alice=Bearer:TOKEN`, `bob=ApiKey:VALUE`, `carol=Basic:USER:PASSWORD`,
 * `dave=Login:USER:PASSWORD`, `eve=Cookie:NAME=VALUE`, `app=OAuth:ID:SECRET`. A value, a password or a secret that is
 * `env:NAME` comes from the environment, one that is `@FILE` from a file; both may stand for all that follows `KIND:`.
 *
 * @throws OptionError that says what is expected, without the secret; LoadError where a file can't be read
 */
export function readAs(text: string, options: AsOptions): IdentitySettings {
  const equals = text.indexOf('=');
  if (equals < 1) throw new OptionError('--as is written NAME=KIND:VALUE, such as --as alice=Bearer:env:ALICE_TOKEN');
  const name = text.slice(0, equals);
  const said = `--as ${name.slice(0, 60)}`;
  const rest = text.slice(equals + 1);
  const colon = rest.indexOf(':');
  const word = colon < 0 ? rest : rest.slice(0, colon);
  const way = KINDS.get(word.toLowerCase());
  if (colon < 0 || way === undefined) {
    // A secret without a kind must not be repeated: only what looks like a kind is.
    const near = nearest(word, SHOWN);
    const guess = near === undefined ? '' : ` Did you mean ${near}?`;
    throw new OptionError(`${said}: what follows = begins with one of ${SHOWN.join(':, ')}:.${guess}`);
  }
  const given = valuesOf(way, rest.slice(colon + 1), said, options);
  const result = identitySettings.safeParse({ name, [way]: given });
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.length ? `${issue.path.map(String).join('.')}: ` : '';
    throw new OptionError(`${said}: ${where}${issue?.message ?? 'not understood'}`);
  }
  return result.data;
}

function valuesOf(way: Way, written: string, said: string, options: AsOptions): object {
  const whole = fetched(written, said, options.environment);
  const value = whole ?? written;
  const later = (text: string): string =>
    whole === undefined ? (fetched(text, said, options.environment) ?? text) : text;
  if (value === '') throw new OptionError(`${said}: the value is empty`);
  if (way === 'bearer') return { token: value };
  if (way === 'key') return { value };
  const mark = way === 'cookie' ? '=' : ':';
  const at = value.indexOf(mark);
  if (at < 1) {
    const form = { cookie: 'Cookie:NAME=VALUE', basic: 'Basic:USER:PASSWORD', login: 'Login:USER:PASSWORD' }[
      way as 'cookie'
    ];
    throw new OptionError(`${said}: expected ${form ?? 'OAuth:ID:SECRET'}`);
  }
  const first = value.slice(0, at);
  const second = later(value.slice(at + 1));
  if (way === 'cookie') return { name: first, value: second };
  if (way === 'oauth') {
    if (options.tokenUrl === undefined)
      throw new OptionError(
        `${said}: say where tokens are given, with --token-url URL (a path stands for one of the API)`,
      );
    return { tokenUrl: options.tokenUrl, clientId: first, clientSecret: second };
  }
  return { username: first, password: second };
}

/** The value behind `env:NAME` or `@FILE`, without line ends behind it; undefined where it is written out. */
function fetched(text: string, said: string, environment: AsOptions['environment']): string | undefined {
  const variable = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
  if (variable !== undefined) {
    const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (value === undefined || value === '')
      throw new OptionError(`${said}: the environment variable ${variable} is not set`);
    return value.replace(/[\r\n]+$/, '');
  }
  if (!/^@./.test(text)) return undefined;
  return readTextFile(text.slice(1), `the secret of ${said}`, SECRET_FILE).replace(/[\r\n]+$/, '');
}

/**
 * Reads `--role NAME=ROLE`.
 * @param names identities that there are
 * @throws OptionError
 */
export function readRole(text: string, names: Iterable<string>): { readonly name: string; readonly role: string } {
  const equals = text.indexOf('=');
  if (equals < 1 || equals === text.length - 1)
    throw new OptionError('--role is written NAME=ROLE, such as --role alice=patient');
  const name = text.slice(0, equals);
  const known = [...names];
  if (!known.includes(name)) {
    const near = nearest(name, known);
    throw new OptionError(
      `--role ${name}: there is no identity of that name${near === undefined ? ' (give it with --as)' : `; did you mean ${near}?`}`,
    );
  }
  return { name, role: text.slice(equals + 1) };
}
