import type { StageName } from './room.ts';

/** A step of the way: at which stage which room stands, and why there. */
export interface Step {
  readonly stage: StageName;
  readonly why: string;
}

/**
 * The way of a request, in order. Before it, the listener has made the request canonical and the router has found the
 * operation; after the first nine the request is rebuilt and forwarded; the next three judge the answer, and the
 * last one signs whatever leaves. Finally,
 * whatever happened, the exchange is recorded.
 */
export const WAY = [
  {
    stage: 'throttle-address',
    why: 'a flood must be stopped before anything that costs: no key look-up, no password hash',
  },
  { stage: 'authenticate', why: 'nothing is read from a stranger that an identity could have been asked for first' },
  { stage: 'throttle-identity', why: 'before authorization, so that probing for object ids costs quota' },
  { stage: 'authorize', why: 'roles and scopes need no parameters: refuse before parsing any' },
  { stage: 'validate-parameters', why: 'typed values exist only after this; everything later sees types, not text' },
  { stage: 'authorize-object', why: 'ownership by path or query needs typed parameters, and no body yet' },
  { stage: 'validate-body', why: 'the first byte of a body is read here: the caller is known and permitted' },
  { stage: 'authorize-body', why: 'ownership by a value in the body' },
  { stage: 'detect', why: 'sees decoded, typed values; what the contract pins down is not searched' },
  { stage: 'open-answer', why: 'status, media type and headers are judged before a byte of the body is taken' },
  {
    stage: 'authorize-answer',
    why: "someone else's object is refused before it is cut, so that its shape does not leak",
  },
  { stage: 'disclose', why: 'nothing is added to an answer after it was cut' },
  {
    stage: 'sign',
    why: 'last: what is signed is what leaves, byte for byte; the only step that refusals and streamed answers take too',
  },
] as const satisfies readonly Step[];

/** Index in WAY of the first stage that judges the answer. */
export const FIRST_ANSWER_STAGE = WAY.findIndex((step) => step.stage === 'open-answer');
