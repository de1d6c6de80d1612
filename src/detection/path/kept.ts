import { alternatives } from '../shared/alternatives.ts';

/** Files that no API serves, under any directory. `/` stands for either separator. */
const KEPT = ending(
  String.raw`\.ht(?:passwd|access|group) boot\.ini win\.ini \.\w{1,12}_history \.ssh/[\w.]{1,40}`,
  String.raw`id_(?:rsa|dsa|ecdsa|ed25519) \.aws/(?:credentials|config) \.kube/config \.docker/config\.json`,
  String.raw`wp-config\.php(?:\.\w{1,8}|~)?`,
);

const GIT = 'config head index logs refs objects packed-refs description info';
const STAGES = 'local prod production dev development staging test bak old backup save';

/** Files that those who work with code name honestly, and nobody else does. */
const KEPT_OF_CODE = ending(
  String.raw`\.bash(?:rc|_\w{1,12}) \.(?:login|logout|viminfo|xauthority|rhosts|shosts|xdefaults)`,
  String.raw`\.git(?:/${alternatives(GIT)}(?:/.{0,200})?)?/? \.svn(?:/(?:entries|wc\.db|text-base|props).{0,200})?`,
  String.raw`\.hg(?:/(?:hgrc|store|requires).{0,200})? \.bzr/.{0,200} cvs/(?:entries|root)`,
  String.raw`\.env(?:\.${alternatives(STAGES)})? \.npmrc \.netrc \.pgpass \.my\.cnf \.ds_store \.user\.ini \.pass(?:wd)?`,
  String.raw`config\.inc\.php web\.config (?:access|error)[._]log`,
);

const MAX_NAME = 40;

function ending(...lines: readonly string[]): RegExp {
  const separators = (text: string): string => text.replaceAll('/', '[/\\\\]');
  return new RegExp(`(?:^|[/\\\\])${separators(alternatives(...lines))}$`, 'i');
}

/** Whether a path ends in a file that servers keep to themselves. @param code also what repositories hold */
export const isKept = (text: string, code: boolean): boolean =>
  /[/\\]/.test(text) && (KEPT.test(text) || (code && KEPT_OF_CODE.test(text)));

/** The same for a name alone: as a parameter, a segment of a path or the name of an upload. */
export const isKeptName = (text: string): boolean => {
  const c = text.charCodeAt(0) | 0x20;
  // `.`, `w`, `c`: what they all begin with.
  if (text.length > MAX_NAME || (c !== 0x2e && c !== 0x77 && c !== 0x63) || /[/\\]/.test(text)) return false;
  return KEPT.test(text) || KEPT_OF_CODE.test(text) || /^(?:web-inf|meta-inf)$/i.test(text);
};
