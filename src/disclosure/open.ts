import type { Operation } from '../contract/model.ts';
import type { Answer, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import { MAX_OBJECTS, recordedId } from './fields.ts';
import { streamType } from './headers.ts';
import type { AnswerPlan, MediaPlan, StatusPlan } from './plan.ts';
import type { DisclosureSettings } from './settings.ts';

/** An object that a path parameter addresses. */
export interface Addressed {
  readonly name: string;
  readonly kind: string;
}

/**
 * Compiles `open-answer`: judges status, media type and headers, and says how the body is taken, before a byte of it
 * is read.
 */
export function compileOpen(
  settings: DisclosureSettings,
  operation: Operation,
  plan: AnswerPlan,
  addressed: readonly Addressed[],
): (exchange: Exchange) => Refusal | undefined {
  const loose = isWithoutContract(operation);
  const strict = settings.mode === 'strip' || settings.mode === 'block';
  const { errors } = settings;
  const csp = settings.headers.set['content-security-policy'];

  return (exchange) => {
    const { answer } = exchange;
    if (answer === undefined) return refuse('internal', { evidence: { reason: 'no answer to open' } });
    for (const { name, kind } of addressed) noteAddressed(exchange, name, kind);
    const { status } = answer;
    if (!(status >= 200 && status <= 599)) return refuse('upstream-malformed', { evidence: { status } });
    if (status >= 500 && errors === 'replace') return failed(answer);

    let statusPlan = loose ? plan.undeclared : (plan.status(status) ?? impliedStatus(exchange, plan));
    if (statusPlan === undefined) {
      if (settings.undeclaredStatus === 'refuse' && strict) return outside(answer, 'the status is not declared');
      exchange.note('open-answer', 'the contract does not declare the status', { status });
      statusPlan = plan.undeclared;
    }

    const contentType = answer.headers['content-type'];
    const length = answer.headers['content-length'];
    if (exchange.request.method === 'HEAD' || status === 204 || status === 205 || status === 304) {
      statusPlan.headers(exchange, answer);
      // Made of the whole representation, what is cut away included; only to who has it already it says nothing.
      const cut = strict && !loose && status !== 304 && statusPlan.media(answer.mediaType)?.json !== false;
      if (cut && !statusPlan.etag) delete answer.headers['etag'];
      return without(answer);
    }
    if (length === '0' || (contentType === undefined && length === undefined && !statusPlan.body)) {
      statusPlan.headers(exchange, answer);
      return without(answer);
    }
    if (!statusPlan.body && strict) {
      if (settings.mode === 'block') return outside(answer, 'the contract declares no body');
      exchange.note('open-answer', 'a body that the contract does not declare was dropped', { status });
      exchange.disclosed.removed.push('');
      statusPlan.headers(exchange, answer);
      return without(answer);
    }

    let media: MediaPlan | undefined = statusPlan.media(answer.mediaType);
    if (media === undefined) {
      if (strict && !loose) return outside(answer, 'the media type is not declared');
      if (!loose) exchange.note('open-answer', 'the contract does not declare the media type', { status });
      media = plan.undeclared.media(answer.mediaType);
    }
    if (media?.json && !loose) return buffered(exchange, answer, statusPlan, media, settings);

    if (exchange.unstreamed !== undefined && status < 300) return exchange.unstreamed;
    statusPlan.headers(exchange, answer);
    answer.mode = 'stream';
    answer.headers['content-type'] = media === undefined ? 'application/octet-stream' : streamType(answer, contentType);
    if (media === undefined) answer.mediaType = 'application/octet-stream';
    else if (media.active) sandbox(answer, media, csp);
    return undefined;
  };
}

function buffered(
  exchange: Exchange,
  answer: Answer,
  plan: StatusPlan,
  media: MediaPlan,
  { mode, maxAnswer }: DisclosureSettings,
): Refusal | undefined {
  // A part of a JSON text is no JSON text: what a range would leave out could not be judged.
  if (answer.status === 206 && mode !== 'off')
    return refuse('upstream-malformed', { evidence: { reason: 'a range of a JSON answer' } });
  const length = answer.headers['content-length'];
  if (typeof length === 'string' && Number(length) > maxAnswer)
    return refuse('answer-too-large', { evidence: { length: Number(length), maxAnswer } });
  plan.headers(exchange, answer);
  answer.mode = 'buffer';
  answer.headers['content-type'] = media.contentType;
  return undefined;
}

function without(answer: Answer): undefined {
  answer.mode = 'none';
  answer.mediaType = '';
  return undefined;
}

/**
 * HTTP's own statuses that no contract bothers to declare, where the request asked for them: 304 to a conditional
 * request, 206 to a range. They are judged as the 200 that they stand for.
 */
function impliedStatus(exchange: Exchange, plan: AnswerPlan): StatusPlan | undefined {
  const { status } = exchange.answer as Answer;
  const { headers, method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const asked =
    (status === 304 && (headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined)) ||
    (status === 206 && headers['range'] !== undefined);
  return asked ? plan.status(200) : undefined;
}

/** A body of 5xx is a stack trace until proven otherwise. 503 and 504 are told apart: clients wait on them. */
function failed(answer: Answer): Refusal {
  const evidence = { status: answer.status };
  if (answer.status === 504) return refuse('upstream-timeout', { evidence, headers: retryAfter(answer) });
  const status = answer.status === 503 ? 503 : 502;
  return refuse('upstream-failed', { status, evidence, headers: retryAfter(answer) });
}

/**
 * An answer outside the contract. 4xx tell the client what it did, so the status stays and the text goes: 404 looks
 * like every other 404 of this gate. Anything else is a fault of the API.
 */
function outside(answer: Answer, reason: string): Refusal {
  const { status, mediaType } = answer;
  const evidence = { reason, status, mediaType: mediaType.slice(0, 127) };
  if (status === 404) return refuse('object-hidden', { evidence });
  if (status >= 400 && status <= 499)
    return refuse('upstream-refused', { status, evidence, headers: retryAfter(answer) });
  return refuse('answer-undeclared', { evidence });
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(answer: Answer): Record<string, string> | undefined {
  const value = answer.headers['retry-after'];
  return typeof value === 'string' &&
    /^(?:\d{1,9}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)$/.test(value)
    ? { 'retry-after': value }
    : undefined;
}

/** A page of the API is shown without scripts and without an origin; one that only a range declares is a download. */
function sandbox(answer: Answer, media: MediaPlan, csp: string | undefined): void {
  const { headers } = answer;
  if (csp !== undefined && headers['content-security-policy'] === csp)
    headers['content-security-policy'] = `${csp}; sandbox`;
  if (media.byRange && headers['content-disposition'] === undefined) headers['content-disposition'] = 'attachment';
}

function noteAddressed(exchange: Exchange, name: string, kind: string): void {
  const values = exchange.parameters?.path;
  const id = values !== undefined && Object.hasOwn(values, name) ? recordedId(values[name]) : undefined;
  const { objects } = exchange.disclosed;
  if (id !== undefined && objects.length < MAX_OBJECTS && !objects.includes(`${kind}:${id}`))
    objects.push(`${kind}:${id}`);
}
