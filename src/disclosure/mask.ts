/** What stands for what is hidden: always four, so that the length does not leave either. */
const STARS = '****';

/** Characters that a mask may leave, at most. */
const MAX_KEPT = 16;

/** Makes the masked form of a value; undefined where it has none (containers, booleans): then it is taken out. */
export type Mask = (value: unknown) => unknown;

/**
 * Reads `x-portcullis-mask`: `last4`, `first1` (any count up to 16), `email`, `all`, or `{keep: 4, from: start | end}`.
 * @returns undefined where it is none of these.
 */
export function compileMask(annotation: unknown): Mask | undefined {
  if (annotation === 'all') return masked(() => STARS);
  if (annotation === 'email') return masked(maskEmail);
  if (typeof annotation === 'string') {
    const match = /^(first|last)(\d{1,2})$/.exec(annotation);
    return match === null ? undefined : keeping(Number(match[2]), match[1] === 'first' ? 'start' : 'end');
  }
  if (typeof annotation !== 'object' || annotation === null || Array.isArray(annotation)) return undefined;
  const { keep, from = 'end', ...rest } = { ...annotation } as { keep?: unknown; from?: unknown };
  if (Object.keys(rest).length > 0 || typeof keep !== 'number' || (from !== 'start' && from !== 'end'))
    return undefined;
  return keeping(keep, from);
}

/** Null says nothing and stays; numbers are masked in their decimal form. */
const masked =
  (mask: (text: string) => string): Mask =>
  (value) => {
    if (value === null) return null;
    if (typeof value === 'string') return mask(value);
    return typeof value === 'number' ? mask(String(value)) : undefined;
  };

/** Keeps some characters at one end, but of a short value none: what is kept is never more than half of it. */
function keeping(keep: number, from: 'start' | 'end'): Mask | undefined {
  if (!Number.isInteger(keep) || keep < 1 || keep > MAX_KEPT) return undefined;
  return masked((text) => {
    // Characters, not code units: half of an emoji is not text. A character has two units at most.
    const part = from === 'start' ? text.slice(0, keep * 4) : text.slice(-keep * 4);
    const characters = Array.from(part);
    if (characters.length < keep * 2) return STARS;
    return from === 'start' ? characters.slice(0, keep).join('') + STARS : STARS + characters.slice(-keep).join('');
  });
}

/** First letter and domain: `j****@example.com`. What is not plainly an address is hidden whole. */
function maskEmail(text: string): string {
  const match = /^([\w.!#$%&'*+/=?^`{|}~-]{2,64})@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})$/.exec(text);
  return match === null ? STARS : `${(match[1] as string)[0]}${STARS}@${match[2]}`;
}
