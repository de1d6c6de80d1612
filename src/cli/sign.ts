import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type PlainRequest, signRequest } from '../client/sign-request.ts';
import { parseDuration } from '../shared/duration.ts';
import { ALGORITHM_NAMES } from '../signatures/algorithms.ts';
import { SignatureError } from '../signatures/error.ts';
import { type MessageKey, readPrivateKey, secretKey } from '../signatures/key.ts';
import type { CliContext } from './context.ts';
import { collect } from './identity-options.ts';

interface Options {
  readonly key: string;
  readonly keyId: string;
  readonly method?: string;
  readonly header?: string[];
  readonly body?: string;
  readonly cover?: string[];
  readonly tag?: string;
  readonly expires?: string;
  readonly algorithm?: string;
  readonly curl?: boolean;
  readonly json?: boolean;
}

/** Adds `portcullis sign`: makes the headers of a signed request, or a curl command with them. */
export function signVerb(program: Command, context: CliContext): void {
  program
    .command('sign')
    .description('sign a request (RFC 9421): prints the headers to send, or a curl command')
    .argument('<url>', 'what is asked for')
    .requiredOption(
      '--key <file>',
      'private key (PEM or JWK), or the file of a shared secret with --algorithm hmac-sha256',
    )
    .requiredOption('--key-id <id>', 'the name under which the gate knows the key')
    .option('-X, --method <method>', 'default: GET, with a body POST')
    .option('-H, --header <line>', 'header that is sent too, "Name: value" (repeatable)', collect)
    .option('--body <file>', 'the body; - reads it from standard input')
    .option('--cover <component>', 'cover this too, such as a header name (repeatable)', collect)
    .option('--tag <tag>', 'what the signature is for')
    .option('--expires <span>', 'how long it is good, such as 60s')
    .addOption(new Option('--algorithm <name>', 'where the key alone does not say it').choices([...ALGORITHM_NAMES]))
    .option('--curl', 'print a curl command')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example: portcullis sign --key ann.key --key-id sig_8fKq02LmZpWx4TbR --curl \\
           -H 'Content-Type: application/json' --body note.json https://localhost:8443/notes`,
    )
    .action((url: string, options: Options) => {
      try {
        sign(url, options, context);
      } catch (error) {
        if (!(error instanceof SignatureError)) throw error;
        context.fail(2, `${error.message}.`);
      }
    });
}

function sign(text: string, options: Options, context: CliContext): void {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new SignatureError('the URL is not one of http or https');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw new SignatureError('no credentials in the URL');
  const body = options.body === undefined ? undefined : read(options.body === '-' ? 0 : options.body);
  const request: PlainRequest = {
    method: (options.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase(),
    url,
    headers: (options.header ?? []).map(headerOf),
    body,
  };
  const added = signRequest(request, {
    key: keyOf(options),
    keyId: options.keyId,
    components: options.cover,
    tag: options.tag,
    expires: spanOf(options.expires),
  });
  if (options.json) context.json({ method: request.method, url: url.href, headers: Object.fromEntries(added) });
  else if (options.curl) context.out(curlOf(request, added, options));
  else for (const [name, value] of added) context.out(`${name}: ${value}`);
}

function curlOf({ method, url, headers, body }: PlainRequest, added: [string, string][], options: Options): string {
  if (options.body === '-')
    throw new SignatureError('for --curl the body is a file, so that curl can send the same bytes');
  const parts = ['curl', '-i', '--path-as-is', '-X', quoted(method)];
  for (const [name, value] of [...headers, ...added]) parts.push('-H', quoted(`${name}: ${value}`));
  if (body !== undefined) {
    // curl would say application/x-www-form-urlencoded by itself, which nobody signed.
    if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) parts.push('-H', quoted('Content-Type:'));
    parts.push('--data-binary', quoted(`@${options.body}`));
  }
  parts.push(quoted(url.href.split('#')[0] as string));
  return parts.join(' ');
}

/** For a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function keyOf({ key, algorithm }: Options): MessageKey {
  const bytes = read(key);
  if (algorithm !== 'hmac-sha256') return readPrivateKey(bytes.toString('utf8'), algorithm);
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return secretKey(bytes.subarray(0, end));
}

function read(file: string | 0): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SignatureError(
      `${file === 0 ? 'standard input' : file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\r\n\0]/.test(line))
    throw new SignatureError('a header is written "Name: value"');
  return [name, line.slice(colon + 1).trim()];
}

function spanOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const span = parseDuration(text);
  if (span === undefined || span < 1000)
    throw new SignatureError('--expires is a span of a second or more, such as 60s');
  return Math.floor(span / 1000);
}
