import type { Match, Place, Sensitivity } from '../classes/class.ts';

/** Characters of a text that is one path. */
const MAX_PATH = 1024;

/** What no member of anybody's data is called; what is set under it is set for all objects. */
const POLLUTING = /^__(?:proto|defineGetter|defineSetter|lookupGetter|lookupSetter|globals|builtins|subclasses)__$/;
/** Between the members of a path: dots, brackets, quotes, slashes. */
const SEPARATOR = String.raw`(?:\\?["'\]]{0,2}(?:\.|\[|/|:|\]\[|->)\\?["'\[]{0,2})`;
const PROTO = /(?:^|[.[/\]"':>])__proto__(?=$|[.[\]/"'\\:=-])/;
const CONSTRUCTOR = new RegExp(String.raw`(?:^|[.[/\]"':>])constructor${SEPARATOR}prototype(?=$|[.[\]/"'\\:=-])`);
/** Python's way to the variables of a module. */
const CLASS = new RegExp(
  String.raw`(?:^|[.[/\]"':>])__(?:class|init|base|mro)__${SEPARATOR}` +
    String.raw`__(?:init|globals|base|class|bases|dict|kwdefaults|subclasses)__(?=$|[.[\]/"'\\:=-])`,
);
/** Behind the path stands a member of it: that one is set. */
const ASSIGNED = /^(?:__proto__|constructor|__class__|__init__)/;
/** Signs that no path has. */
const PROSE = /[\s<>(){};,`]/;
/** Parameters of a link. */
const IN_LINK = /[?&#]([^=&#?\s]{0,200}(?:__proto__|constructor)[^=&#?\s]{0,200})=/g;
const LINKS = 64;

/** `__proto__.x = y`, spaces and all. */
const SETS =
  /^(?:__proto__|constructor\.prototype|constructor\[["']?prototype["']?\])(?:\.\w{1,64}|\[[^\]]{1,64}\]){1,8}\s{0,4}=(?!=)/;

const WHY = 'sets members of what all objects have in common';

/** A name or a path by which the prototype of all objects would be set. */
export function searchPrototype(text: string, place: Place, sensitivity: Sensitivity): Match | undefined {
  if (place.key) {
    // The path, a member at a time.
    if (text === 'prototype' && place.within === 'constructor') return { start: 0, end: text.length, why: WHY };
    return inName(text, sensitivity);
  }
  return inValue(text, sensitivity);
}

function inName(text: string, sensitivity: Sensitivity): Match | undefined {
  const all = { start: 0, end: text.length, why: WHY };
  if (text.length > MAX_PATH) return undefined;
  if (POLLUTING.test(text)) return all;
  for (const pattern of [PROTO, CONSTRUCTOR, CLASS]) {
    const found = pattern.exec(text);
    if (found !== null) return { start: found.index, end: found.index + found[0].length, why: WHY };
  }
  if (sensitivity !== 'low' && leavesPath(text)) return all;
  return sensitivity === 'high' && /^(?:prototype|__class__|__init__)$/.test(text) ? all : undefined;
}

/** A filter that takes the word out once leaves the word: `__pro__proto__to__`. */
function leavesPath(text: string): boolean {
  if (/__proto__/.test(text))
    return POLLUTING.test((/[^.[\]]{1,64}/.exec(text)?.[0] ?? '').replaceAll('__proto__', ''));
  const without = text.replace(/constructor|prototype/g, '');
  return without !== text && /^constructor[.[]/.test(without) && CONSTRUCTOR.test(without);
}

/** In values: a path that is all of it, with what is set behind it; a parameter of a link. */
function inValue(text: string, sensitivity: Sensitivity): Match | undefined {
  if (!text.includes('__') && !text.includes('constructor')) return undefined;
  if (sensitivity !== 'low' && text.length <= MAX_PATH && !PROSE.test(text)) {
    const link = /^[a-z]{2,10}:\/\//i.test(text);
    if (!link) {
      const query = text.search(/[?&]/);
      if (query < 0) {
        const found = PROTO.exec(text) ?? CONSTRUCTOR.exec(text) ?? CLASS.exec(text);
        if (found !== null && setsMember(text, found.index + found[0].length, found[0]))
          return { start: found.index, end: text.length, why: WHY };
        if (sensitivity === 'high' && (POLLUTING.test(text) || found !== null))
          return { start: 0, end: text.length, why: WHY };
      } else if (ASSIGNED.test(text)) {
        const found = inName(text.slice(0, query).split('=')[0] as string, sensitivity);
        if (found !== undefined && text.includes('=')) return found;
      }
    }
  } else if (sensitivity !== 'low' && ASSIGNED.test(text)) {
    const found = SETS.exec(text);
    if (found !== null) return { start: 0, end: found[0].length, why: WHY };
  }
  if (sensitivity === 'low') return undefined;
  IN_LINK.lastIndex = 0;
  for (let i = 0; i < LINKS; i++) {
    const found = IN_LINK.exec(text);
    if (found === null) return undefined;
    if (inName(found[1] as string, sensitivity) !== undefined)
      return { start: found.index + 1, end: found.index + found[0].length, why: WHY };
  }
  return undefined;
}

/** A member of the prototype stands behind the path. */
function setsMember(text: string, end: number, path: string): boolean {
  const rest = text.slice(end);
  // The documentation of `__proto__` itself has paths too: `Object/__proto__`.
  if (/^["'\]\\]{0,3}$/.test(rest)) return false;
  // Names of files and folders: `src/constructor/prototype.ts`.
  if (
    path.includes('/') &&
    path.includes('constructor') &&
    (text.charCodeAt(0) !== 0x2f || rest.charCodeAt(0) !== 0x2f)
  )
    return false;
  return /^\\?["']?\]?(?:\.|\[|\/|:|=|->)[^\s]/.test(rest);
}
