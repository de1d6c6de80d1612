/** Characters of a user agent that are looked at. */
const MOST = 400;
const FAMILY = 32;

/** Products a browser names beside `Mozilla/5.0`, the telling ones first: Edge also says Chrome, and Chrome Safari. */
const BROWSERS: readonly (readonly [string, string])[] = [
  ['edg', 'edge'],
  ['opr/', 'opera'],
  ['samsungbrowser/', 'samsung'],
  ['firefox/', 'firefox'],
  ['fxios/', 'firefox'],
  ['crios/', 'chrome'],
  ['headlesschrome/', 'headless-chrome'],
  ['chrome/', 'chrome'],
  ['safari/', 'safari'],
];

const SYSTEMS: readonly (readonly [string, string])[] = [
  ['android', 'android'],
  ['iphone', 'ios'],
  ['ipad', 'ios'],
  ['windows', 'windows'],
  ['mac os x', 'macos'],
  ['cros', 'chromeos'],
  ['linux', 'linux'],
];

/**
 * The family a user agent belongs to: browser and system, or the name of the first product; never a version, so that an
 * update is no other software. It is a claim that anyone can copy: good for noticing, not for proving.
 * @returns `chrome/windows`, `curl`, `okhttp`; `none` where there is none, `other` where it says nothing
 */
export function softwareOf(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'none';
  const text = userAgent.slice(0, MOST).toLowerCase();
  if (text.startsWith('mozilla/')) {
    const browser = BROWSERS.find(([mark]) => text.includes(mark))?.[1] ?? 'browser';
    const system = SYSTEMS.find(([mark]) => text.includes(mark))?.[1] ?? 'other';
    return `${browser}/${system}`;
  }
  return /^[a-z0-9][a-z0-9.-]*/.exec(text)?.[0].slice(0, FAMILY) ?? 'other';
}
