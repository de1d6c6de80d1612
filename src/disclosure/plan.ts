import type { Operation, Response } from '../contract/model.ts';
import { type AnswerSchema, answerSchema } from './fields.ts';
import { compileHeaders, type HeaderFilter } from './headers.ts';
import { declaredEntry, isActive, isJson, isMediaType, isRange } from './media.ts';
import type { DisclosureSettings } from './settings.ts';

/** What is done with an answer of one status and one media type. */
export interface MediaPlan {
  readonly json: boolean;
  /** Of a JSON answer; undefined where the contract has none: then there is nothing to cut by. */
  readonly schema: AnswerSchema | undefined;
  /** `Content-Type` of a JSON answer. */
  readonly contentType: string;
  /** May be rendered as a page: gets a sandbox. */
  readonly active: boolean;
  /** Declared by a range such as `image/*` only. */
  readonly byRange: boolean;
}

/** What is done with answers of one status. */
export interface StatusPlan {
  /** Whether the contract declares a body. */
  readonly body: boolean;
  readonly headers: HeaderFilter;
  /** Whether the contract declares `ETag`: then it leaves even with what was cut. */
  readonly etag: boolean;
  /** Whether the contract declares `Cache-Control`: then it is the API's to say. */
  readonly cacheable: boolean;
  /** undefined: the contract does not declare this media type for the status. */
  media(mediaType: string): MediaPlan | undefined;
}

/** Answers of one operation, by status. */
export interface AnswerPlan {
  /** undefined: the contract does not declare the status. */
  status(status: number): StatusPlan | undefined;
  /** For answers outside the contract that pass all the same. */
  readonly undeclared: StatusPlan;
}

/** Media types of a range that are remembered for one response: the upstream chooses them, not the client. */
const MAX_REMEMBERED = 100;

/** Compiles what is done with each declared status and media type of an operation. */
export function compilePlan(settings: DisclosureSettings, operation: Operation): AnswerPlan {
  const exact = new Map<number, StatusPlan>();
  const ranges = new Map<number, StatusPlan>();
  let fallback: StatusPlan | undefined;
  for (const response of operation.responses) {
    const plan = compileStatus(settings, response);
    if (response.status === 'default') fallback = plan;
    else if (/^[1-5]xx$/i.test(response.status)) ranges.set(Number(response.status[0]), plan);
    else exact.set(Number(response.status), plan);
  }
  return {
    status: (status) => exact.get(status) ?? ranges.get((status / 100) | 0) ?? fallback,
    undeclared: {
      body: true,
      headers: compileHeaders(settings, undefined),
      etag: false,
      cacheable: false,
      media: (mediaType) => (isMediaType(mediaType) ? mediaPlan(mediaType, undefined, false) : undefined),
    },
  };
}

function compileStatus(settings: DisclosureSettings, response: Response): StatusPlan {
  const schemaOf = (mediaType: string): AnswerSchema | undefined => {
    const at = declaredEntry(response.content, mediaType)?.schema;
    if (at === undefined || !isJson(mediaType) || settings.mode === 'off') return undefined;
    return answerSchema(at, settings.mode === 'block' ? 'refuse' : 'strip');
  };
  const known = new Map<string, MediaPlan>();
  for (const { type } of response.content) if (!isRange(type)) known.set(type, mediaPlan(type, schemaOf(type), false));
  const ranged = response.content.some(({ type }) => isRange(type));
  // A range may hold JSON: its schema is compiled now, not at the first answer.
  if (ranged) schemaOf('application/json');
  return {
    body: response.content.length > 0,
    headers: compileHeaders(settings, response),
    etag: response.headers.some((header) => header.name === 'etag'),
    cacheable: response.headers.some((header) => header.name === 'cache-control'),
    media: (mediaType) => {
      const plan = known.get(mediaType);
      if (plan !== undefined || !ranged || !isMediaType(mediaType)) return plan;
      if (declaredEntry(response.content, mediaType) === undefined) return undefined;
      const made = mediaPlan(mediaType, schemaOf(mediaType), true);
      if (known.size < MAX_REMEMBERED) known.set(mediaType, made);
      return made;
    },
  };
}

const mediaPlan = (mediaType: string, schema: AnswerSchema | undefined, byRange: boolean): MediaPlan => ({
  json: isJson(mediaType),
  schema,
  contentType: `${mediaType}; charset=utf-8`,
  active: isActive(mediaType),
  byRange,
});
