import { LOOPBACK, PRIVATE } from './address.ts';
import { hostOf, readTarget, type Target } from './parse.ts';
import { isOAuthRedirect } from './redirect.ts';
import { connects } from './schemes.ts';

/** URLs in the query and fragment of one that are looked at. */
const MAX_HANDED = 16;
/** A URL as the value of a parameter, as the whole query or fragment, or behind a path's slash. */
const HANDED = /(?:(?:[?&;#]|%26|%3f)([\w.[\]-]{0,40})=|[?#/])(?:([a-z][a-z0-9+.-]{1,15}):)?[/\\]{2}/gi;
/** Host behind an at sign in the path: who takes the last one for the end of the user's name goes there. */
const BEHIND_AT = /^[^?#\s]{0,512}@(\[[\da-f:.]{2,45}\]|\d[\w.]{0,40})(:\d{1,5})?(?:[/?#]|$)/i;

/**
 * What a URL hands on to where it leads: pages that redirect send whoever fetches them to the URL in their query. A
 * browser would be sent to its own machine as well; only the answer of a sign-in has a reason to go there.
 * @param from where the path of the outer URL begins
 */
export function searchHanded(text: string, from: number): Target | undefined {
  HANDED.lastIndex = from;
  for (let count = 0; count < MAX_HANDED; count++) {
    const found = HANDED.exec(text);
    if (found === null) break;
    const [whole, name = '', scheme = ''] = found;
    const begins = found.index + whole.length;
    if (scheme !== '' && !connects(scheme.toLowerCase())) continue;
    // Two slashes in a path are an empty segment.
    if (scheme === '' && !whole.includes('=')) continue;
    const next = text.indexOf('&', begins);
    const value = next < 0 ? text : text.slice(0, next);
    const target = readTarget(value, scheme === '' ? 'http' : scheme.toLowerCase(), begins, true);
    if (target.leads >= PRIVATE && !(target.leads === LOOPBACK && isOAuthRedirect(value, target, name, 'high')))
      return target;
    HANDED.lastIndex = begins;
  }
  const [, host = '', port] = BEHIND_AT.exec(text.slice(from, from + 600)) ?? [];
  const behind = hostOf(host);
  // `package@10.0.0.1` is a version.
  if (!behind.clear || behind.leads < PRIVATE || (behind.leads === PRIVATE && port === undefined)) return undefined;
  return { scheme: '', leads: behind.leads, odd: behind.odd, confused: true, lure: false, end: from };
}
