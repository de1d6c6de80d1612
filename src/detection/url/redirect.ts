import type { Sensitivity } from '../classes/class.ts';
import type { Target } from './parse.ts';

const NAME = /^(?:post_logout_)?redirect_?ur[il]s?$/i;
const PATH = /[/\\](?:callback|cb|auth|oauth2?|oauth2redirect|signin-\w{1,20}|redirect)(?![\w.-])/iy;
const PORT = /:([1-9]\d{3,4})$/;

/**
 * Whether a URL to the loopback address is where a native program waits for the answer of a sign-in: plainly written,
 * with a port that needs no rights, by its parameter or by its path (RFC 8252, section 7.3). Nobody fetches from there.
 * @param name of the parameter that the URL is the value of
 */
export function isOAuthRedirect(text: string, target: Target, name: string, sensitivity: Sensitivity): boolean {
  if (!target.scheme.startsWith('http') || target.odd || target.confused) return false;
  if (!PORT.test(text.slice(Math.max(0, target.end - 6), target.end))) return false;
  if (NAME.test(name)) return true;
  PATH.lastIndex = target.end;
  return sensitivity !== 'high' && PATH.test(text);
}
