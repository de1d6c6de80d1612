import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import { judgeOf } from '../generate/judge.ts';
import { isPlain } from '../generate/own.ts';
import type { Call } from '../model/call.ts';
import type { ScanAnswer } from '../model/exchange.ts';
import { plain } from './names.ts';
import { bodyMediaSchema } from './shapes.ts';

/** Names of values that would lock an identity out, or make it another. */
export const LOCKS =
  /^(password|passwd|pwd|pass|newpassword|currentpassword|oldpassword|passwordconfirmation|confirmpassword|passphrase|pin|secret|active|enabled|disabled|locked|blocked|deleted|status|username|email|login|role|roles|isadmin|admin)$/;

/** What a thing is like, as the API shows it. */
export interface Shown {
  readonly json: unknown;
  readonly bytes: Uint8Array;
  /** Lower case, no parameters. */
  readonly type: string;
}

export const shownBy = ({ json, body, mediaType }: ScanAnswer): Shown => ({ json, bytes: body, type: mediaType });

/**
 * The call that changes nothing: each value of the body is what stands there now; a picture is the picture that is
 * there. Undefined where the answer that shows the thing has nothing that the body takes.
 */
export function unchanging(call: Call, now: Shown): Call | undefined {
  if (now.json === undefined) {
    const taken = call.operation.body?.content.some(({ type }) => type === now.type || type === '*/*');
    return taken && now.bytes.length > 0 ? { ...call, body: { type: now.type, value: now.bytes } } : undefined;
  }
  const shown = thingIn(now.json);
  const schema = bodyMediaSchema(call.operation, call.body?.type);
  if (!shown || !schema) return undefined;
  const judge = judgeOf(schema);
  let changed: Call = { ...call, body: { type: call.body?.type ?? 'application/json', value: {} } };
  let taken = 0;
  const names = new Map(Object.keys(shown).map((name) => [plain(name), name]));
  for (const place of placesOf(call)) {
    if (place.in !== 'body' || place.name === '' || place.name.indexOf('/', 1) !== -1) continue;
    const name = names.get(plain(place.word));
    const value = name === undefined ? undefined : shown[name];
    if (value === undefined || value === null) continue;
    const next = put(changed, place, value);
    // one value that the contract does not take is left out
    if (judge.knows && judgeOf(place.schema).knows && !judgeOf(place.schema).accepts(value)) continue;
    changed = next;
    taken++;
  }
  if (taken === 0) return undefined;
  return !judge.knows || judge.accepts(changed.body?.value) ? changed : undefined;
}

/** The thing that an answer is about: itself, or the only one in a wrapper. */
export function thingIn(json: unknown): Record<string, unknown> | undefined {
  if (!isPlain(json)) return undefined;
  const inner = Object.entries(json).filter(([, value]) => isPlain(value));
  const scalars = Object.values(json).filter((value) => typeof value !== 'object').length;
  const wrapped = inner.find(([name]) =>
    /^(data|result|item|object|payload|response|record|entity)$/.test(plain(name)),
  );
  if (wrapped) return wrapped[1] as Record<string, unknown>;
  if (inner.length === 1 && scalars <= 2 && Object.keys(json).length <= 3)
    return inner[0]![1] as Record<string, unknown>;
  return json;
}
