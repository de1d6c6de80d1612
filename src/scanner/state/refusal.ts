import type { Outcome } from '../model/check.ts';
import { plain } from './names.ts';

/** Longest answer that is read for an error in disguise, in characters. Errors are short. */
const LONGEST = 16_384;
/** Longest text that is read as a message. */
const LONGEST_MESSAGE = 300;

/** Names that are about how a call went, not what it was about. */
const ENVELOPE = new Set(
  (
    'ok success succeeded successful failed status statuscode httpstatus httpcode httpstatuscode code errorcode errcode error errors ' +
    'errormessage errmsg errormsg errordescription errorid message messages msg detail details description reason title type instance path ' +
    'timestamp time date datetime trace traceid requestid correlationid hint info name stack exception method url uri fault faultstring ' +
    'faultcode version apiversion jsonrpc authenticated authorized loggedin statustext statusmessage help documentation documentationurl moreinfo ' +
    'retcode retmsg rc servertime took duration redirect redirecturl loginurl'
  ).split(' '),
);
/** Names under which the payload stands; empty ones count as nothing. */
const PAYLOAD = new Set([
  'data',
  'result',
  'results',
  'payload',
  'response',
  'body',
  'content',
  'items',
  'value',
  'user',
  'token',
  'meta',
  'object',
  'entity',
  'record',
  'records',
  'list',
  'count',
  'total',
]);
const FLAGS = ['ok', 'success', 'succeeded', 'successful', 'issuccess', 'issuccessful', 'authenticated', 'authorized'];
const ERRORS = [
  'error',
  'errors',
  'exception',
  'fault',
  'errormessage',
  'errmsg',
  'errormsg',
  'errordescription',
  'faultstring',
  'errorcode',
  'errcode',
];
const CODES = [
  'statuscode',
  'httpstatus',
  'httpcode',
  'httpstatuscode',
  'status',
  'code',
  'errorcode',
  'errcode',
  'error',
  'retcode',
];
const WORDS = ['status', 'result', 'code', 'statustext', 'type'];
const ERROR_WORD =
  /^(error|err|fail|failed|failure|ko|nok|denied|rejected|unauthori[sz]ed|unauthenticated|forbidden|not[ _-]?found|bad[ _-]?request|invalid([ _-]\w{1,30}){0,3}|access[ _-]?denied|not[ _-]?authori[sz]ed|not[ _-]?authenticated|validation[ _-]?(error|failed)|[a-z]{1,30}[ _-]?(error|exception|fault))$/i;

const UNAUTHENTICATED =
  /(unauthenticat|unauthori[sz]ed|not (logged|signed) ?-?in|not authenticated|(log|sign)[ -]?in (required|first|to continue)|(please|must|need to|have to|required to) (log|sign)[ -]?in|authentication (is )?(required|failed)|(invalid|bad|wrong|incorrect|expired|missing|no|unknown|malformed|revoked) (or \w+ )?((access|auth|authentication|authorization|bearer|api|session|jwt|security)[ -]?)?(token|credentials?|session|api ?key|key|authorization header|signature|jwt|login|password|username)|(token|session|credentials?|api ?key|jwt|signature|password) (is |are |has |was |were )?(not |been )?(invalid|expired|missing|required|incorrect|wrong|malformed|revoked|valid\b.*not|provided)|(invalid|incorrect|wrong) (user ?name|user|e-?mail|login)( \w+)? (or|and|\/) (password|pass))/i;
const FORBIDDEN =
  /(forbidden|access (is )?denied|permission (is )?denied|not (allowed|permitted|entitled)|insufficient (permission|privilege|right|role|scope)|(do|does)( not|n't) have (the )?(permission|access|right|role|privilege)|no (permission|access)\b|not authori[sz]ed|(admin|administrator)s? only|(requires?|needs?) (the )?(\w+ )?(role|admin|privilege)|not (your|the) own|not (your|yours)\b)/i;
const MISSING =
  /(not[ _-]?found|no such|(does|do|did)( not|n't) exist|(is|was) unknown|unknown (id|object|resource|user|record|\w+ id)|could( not|n't) (be )?f(i|ou)nd|cannot f(i|ou)nd|there is no |no (record|result|row|entry|item|user|object|\w+) (was |were )?(found|exists|with|for))/i;
const LIMITED = /(too many (requests|attempts|tries)|rate limit|slow down|quota (is )?exceeded|throttl)/i;
const SERVER = /(internal (server )?error|unexpected (error|exception)|server error|something went wrong|unhandled)/i;

/** Whole messages that can mean nothing but a refusal, without any other sign of an error around them. */
const PLAIN =
  /^(error[:\s-]{1,3})?(unauthori[sz]ed|unauthenticated|forbidden|access (is )?denied|permission denied|(authentication|authorization|login) (is )?required|not (logged ?in|authenticated|authori[sz]ed|allowed|permitted|found)|(the )?\w{3,30} (was )?(not found|does not exist)|no such \w{1,30}|(invalid|missing|expired|no) (access |auth |api |session |bearer |jwt )?(token|credentials?|api ?key|session)( (provided|given|supplied))?|(the )?(token|session) (is |has )?(invalid|expired|missing|required)|invalid (user ?name|e-?mail|user|login)( or | and |\/)password|(please|you (must|need to|have to)) (be |first )?(log|sign)(ged)? ?in\b.{0,60}|you are not (authori[sz]ed|allowed|permitted)\b.{0,60}|insufficient (permissions?|privileges?|rights?|scope)|too many requests|rate limit exceeded|internal server error)[.!]?$/i;

/** What a message says, by its words; undefined where they decide nothing. */
export function outcomeOfText(text: string): Outcome | undefined {
  const short = text.slice(0, LONGEST_MESSAGE);
  if (LIMITED.test(short)) return 'limited';
  if (UNAUTHENTICATED.test(short)) return 'unauthenticated';
  if (FORBIDDEN.test(short)) return 'forbidden';
  if (MISSING.test(short)) return 'missing';
  if (SERVER.test(short)) return 'error';
  return undefined;
}

/** What an HTTP status says. */
export function outcomeOfStatus(status: number): Outcome {
  if (status < 200) return 'none';
  if (status < 300 || status === 304) return 'success';
  if (status < 400) return 'redirect';
  switch (status) {
    case 401:
    case 407:
    case 419:
    case 440:
    case 498:
      return 'unauthenticated';
    case 402:
    case 403:
    case 451:
      return 'forbidden';
    case 404:
    case 410:
      return 'missing';
    case 405:
    case 501:
      return 'no-method';
    case 429:
      return 'limited';
    default:
      return status < 500 ? 'invalid' : 'error';
  }
}

/**
 * Sees an error in an answer that came with 2xx. Conservative: an answer that carries anything beside the words of an
 * error is data, however it calls its state (a payment that `failed` is still a payment).
 * @returns what the error means; undefined where the answer is no plain error
 */
export function refusalIn(mediaType: string, text: string, json: unknown): Outcome | undefined {
  if (text.length > LONGEST || text === '') return undefined;
  if (json !== undefined) return isRecord(json) ? refusalOf(json, 0) : undefined;
  if (/html/.test(mediaType)) return isLoginPage(text) ? 'unauthenticated' : undefined;
  if (/xml/.test(mediaType)) return ofMarkup(text);
  const words = text.trim();
  return words.length <= 120 && isPlainRefusal(words) ? outcomeOfText(words) : undefined;
}

/** A page with a form that asks for a password. */
export const isLoginPage = (text: string): boolean =>
  /<form\b/i.test(text) && /<input\b[^>]{0,300}\btype\s{0,3}=\s{0,3}["']?password/i.test(text);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

function refusalOf(json: Readonly<Record<string, unknown>>, depth: number): Outcome | undefined {
  const entries = Object.entries(json);
  if (entries.length === 0 || entries.length > 20) return undefined;
  const values = new Map(entries.map(([name, value]) => [plain(name), value]));
  const rpc = values.has('jsonrpc');
  let payload = 0;
  for (const [name, value] of values) {
    if (ENVELOPE.has(name) || isNothing(value) || (rpc && name === 'id')) continue;
    // `{"result": "error"}`, `{"data": {"error": ..}}`
    if (PAYLOAD.has(name) && typeof value === 'string' && ERROR_WORD.test(value)) continue;
    if (PAYLOAD.has(name) && depth === 0 && isRecord(value) && refusalOf(value, 1) !== undefined) continue;
    payload++;
  }
  if (payload > 0) return undefined;
  const denied =
    FLAGS.some((name) => values.get(name) === false || values.get(name) === 'false') || values.get('failed') === true;
  const errors = ERRORS.some(
    (name) => !isNothing(values.get(name)) && values.get(name) !== 'false' && !isFine(values.get(name)),
  );
  const word = [...WORDS, ...PAYLOAD].some((name) => {
    const value = values.get(name);
    return typeof value === 'string' && ERROR_WORD.test(value);
  });
  const code = CODES.map((name) => httpCode(values.get(name))).find((found) => found !== undefined);
  const inner = [...values].find(([name, value]) => (PAYLOAD.has(name) || name === 'error') && isRecord(value));
  const nested = inner && depth === 0 ? refusalOf(inner[1] as Readonly<Record<string, unknown>>, 1) : undefined;
  const text = messageOf(json);
  if (denied || errors || word || code !== undefined || nested) {
    // a flag of success beats words that merely sound like an error
    if (FLAGS.some((name) => values.get(name) === true) && !errors && code === undefined) return undefined;
    if (code !== undefined && code !== 400 && code !== 500) return outcomeOfStatus(code);
    return nested && nested !== 'invalid' ? nested : (outcomeOfText(text) ?? (code === 500 ? 'error' : 'invalid'));
  }
  return isPlainRefusal(text) && !FLAGS.some((name) => values.get(name) === true) ? outcomeOfText(text) : undefined;
}

/** Codes by which APIs say that all went well. */
const isFine = (value: unknown): boolean => typeof value === 'number' && value >= 200 && value < 300;

/** 401, '401', 40101 and the like. */
function httpCode(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{3,5}$/.test(value)
        ? Number(value)
        : Number.NaN;
  if (!Number.isInteger(number)) return undefined;
  const short = number >= 40_000 && number < 60_000 ? Math.floor(number / 100) : number;
  return short >= 400 && short < 600 ? short : undefined;
}

/** All short texts of an error, joined: what it says to people. */
export function messageOf(json: unknown): string {
  const texts: string[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (texts.length >= 20 || depth > 4) return;
    if (typeof value === 'string') texts.push(value.slice(0, LONGEST_MESSAGE));
    else if (Array.isArray(value)) for (const item of value.slice(0, 10)) walk(item, depth + 1);
    else if (isRecord(value)) {
      for (const [name, item] of Object.entries(value).slice(0, 30)) {
        if (!/^(path|url|uri|instance|timestamp|trace|stack|type)$/i.test(name)) walk(item, depth + 1);
      }
    }
  };
  walk(json, 0);
  return texts.join(' ').slice(0, 2_000);
}

/** A message that is nothing but a refusal: short, and without a word of success. */
const isPlainRefusal = (text: string): boolean =>
  text.length <= 160 && PLAIN.test(text.trim()) && outcomeOfText(text) !== undefined;

/** A document whose root is an error: `<error>`, `<Fault>`, a SOAP envelope with a fault. */
function ofMarkup(text: string): Outcome | undefined {
  const body = text.replace(/<\?[^>]{0,500}\?>/g, '').trimStart();
  const root = /^<(?:[\w-]{1,40}:)?([\w-]{1,60})/.exec(body)?.[1]?.toLowerCase();
  const isError = root !== undefined && /^(errors?|fault|exception|errorresponse|error-response)$/.test(root);
  const isFault = root === 'envelope' && /<(?:[\w-]{1,40}:)?Fault[\s>]/.test(body.slice(0, 2_000));
  if (!isError && !isFault) return undefined;
  return outcomeOfText(body.replace(/<[^>]{0,500}>/g, ' ')) ?? 'invalid';
}
