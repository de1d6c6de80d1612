import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { keysOf } from '../client/key-set.ts';
import { ANSWER_COMPONENTS, ANSWER_TAG } from '../client/signing-fetch.ts';
import { verifyMessage } from '../client/verify-message.ts';
import { parseDuration } from '../shared/duration.ts';
import { SignatureError } from '../signatures/error.ts';
import { type MessageKey, readPublicKey } from '../signatures/key.ts';
import { fieldsOf, type Message, type RequestMessage, requestTo } from '../signatures/message.ts';
import type { Presented } from '../signatures/presented.ts';
import type { CliContext } from './context.ts';
import { collect } from './identity-options.ts';
import { printable } from './printable.ts';
import { readHeaders, readSavedMessage, type SavedMessage } from './saved-message.ts';

interface Options {
  readonly keys: string;
  readonly keyId?: string;
  readonly url?: string;
  readonly method: string;
  readonly request?: string;
  readonly require?: string[];
  readonly tag?: string;
  readonly maxAge?: string;
  readonly withoutDigest?: boolean;
  readonly json?: boolean;
}

/** Adds `portcullis verify`: verifies a saved response or request. Ends with 1 where it is not what was signed. */
export function verifyVerb(program: Command, context: CliContext): void {
  program
    .command('verify')
    .description('verify a signed message (RFC 9421) that was saved, such as an answer of the gate by curl -i')
    .argument('[file]', 'the message; default: standard input', '-')
    .requiredOption('--keys <file>', 'JWK set of the gate (saved from its well-known path), or one public key')
    .option('--key-id <id>', 'the id of the key, where --keys is one key without')
    .option('--url <url>', 'what was asked for (of an answer), or where the request went')
    .option('-X, --method <method>', 'how it was asked for', 'GET')
    .option(
      '--request <file>',
      'headers that were asked with, as `portcullis sign` printed them (of an answer to a signed request)',
    )
    .option('--require <component>', 'must be covered too (repeatable)', collect)
    .option('--tag <tag>', `tag of the signature; default for answers: ${ANSWER_TAG}`)
    .option('--max-age <span>', 'refuse what was signed longer ago, such as 5m')
    .option('--without-digest', 'let an answer pass whose body is not covered (a stream)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Example: curl -s https://localhost:8443/.well-known/http-message-signatures-directory > gate-keys.json
         curl -is https://localhost:8443/notes/1 | portcullis verify --keys gate-keys.json --url https://localhost:8443/notes/1`,
    )
    .action((file: string, options: Options) => {
      let verified: Presented;
      try {
        verified = verify(file, options, context);
      } catch (error) {
        if (!(error instanceof SignatureError)) throw error;
        return context.fail(1, `NOT verified: ${error.message}.`);
      }
      const { parameters, components } = verified;
      const covered = components.map(({ id }) => id);
      if (options.json) return context.json({ verified: true, ...parameters, components: covered });
      const made = parameters.created === undefined ? '' : `, ${new Date(parameters.created * 1000).toISOString()}`;
      context.out(`verified: signed by ${printable(parameters.keyid ?? '')}${made}`);
      context.out(`covered: ${printable(covered.join(' '))}`);
    });
}

function verify(file: string, options: Options, context: CliContext): Presented {
  const saved = readSavedMessage(read(file === '-' ? 0 : file, context));
  const url = urlOf(options.url, context);
  const message = saved.status === undefined ? requestOf(saved, url) : answerOf(saved, url, options, context);
  const answer = saved.status !== undefined;
  const age = options.maxAge === undefined ? undefined : parseDuration(options.maxAge);
  if (options.maxAge !== undefined && age === undefined) context.fail(2, '--max-age is a span such as 5m.');
  return verifyMessage(message, saved.body, {
    keys: readKeys(options, context),
    tag: options.tag ?? (answer ? ANSWER_TAG : undefined),
    components: [...(answer ? answerComponents(url) : REQUEST_COMPONENTS), ...(options.require ?? [])],
    digest: answer
      ? options.withoutDigest
        ? 'optional'
        : 'required'
      : saved.body.length > 0
        ? 'required'
        : 'optional',
    maxAge: age === undefined ? undefined : age / 1000,
  });
}

const REQUEST_COMPONENTS = ['@method', '@authority', '@path', '@query'];
/** Without the URL nobody can say what the answer belongs to; what is covered of the request cannot be verified then. */
const answerComponents = (url: URL | undefined): readonly string[] =>
  url === undefined ? ['@status'] : ANSWER_COMPONENTS;

function answerOf(
  saved: SavedMessage,
  url: URL | undefined,
  { method, request: file }: Options,
  context: CliContext,
): Message {
  const field = fieldsOf(saved.headers);
  const sent = fieldsOf(file === undefined ? [] : readHeaders(read(file, context)));
  const request = url === undefined ? undefined : requestTo(url, method.toUpperCase(), sent);
  return { status: saved.status as number, field, request };
}

function requestOf(saved: SavedMessage, url: URL | undefined): RequestMessage {
  const field = fieldsOf(saved.headers);
  const host = field('host');
  const origin = url?.origin ?? (host === undefined ? undefined : `https://${host}`);
  const target = saved.target as string;
  const whole = target.startsWith('/') ? `${origin}${target}` : target;
  if (origin === undefined || !URL.canParse(whole))
    throw new SignatureError('where the request went is not known: give --url');
  return requestTo(new URL(whole), saved.method as string, field);
}

function urlOf(text: string | undefined, context: CliContext): URL | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text)) context.fail(2, '--url is not a URL.');
  return new URL(text);
}

function readKeys({ keys, keyId }: Options, context: CliContext): ReadonlyMap<string, MessageKey> {
  const text = read(keys, context).toString('utf8');
  try {
    if (text.trimStart().startsWith('{')) {
      const value = JSON.parse(text) as { keys?: unknown };
      if (value.keys !== undefined) return keysOf(value);
    }
    if (keyId === undefined) context.fail(2, '--keys is one key: say with --key-id which one it is.');
    return new Map([[keyId, readPublicKey(text)]]);
  } catch (error) {
    if (error instanceof SignatureError || error instanceof SyntaxError)
      context.fail(2, `the keys cannot be read: ${error.message}.`);
    throw error;
  }
}

function read(file: string | 0, context: CliContext): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const name = file === 0 ? 'standard input' : file;
    return context.fail(2, `${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
