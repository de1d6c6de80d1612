import type { Match, Sensitivity, Source } from '../classes/class.ts';

/** Line ends at which a command may begin that are looked at. */
const MAX_LINES = 256;
/** Characters of the first line in which a value stands that commands follow. */
const MAX_VALUE = 128;

/** Redis' protocol: the number of arguments, then the length of the first (RESP2, arrays of bulk strings). */
const RESP = /\*\d{1,4}(?:\r\n|\\r\\n|\n)\$\d{1,6}(?:\r\n|\\r\\n|\n)/y;

/** Inline commands of Redis that no sentence is, in either case. */
const REDIS_RARE =
  /(?:flush(?:all|db)(?:[ \t]{1,4}a?sync)?[ \t]{0,8}(?=[\r\n]|$)|config[ \t]{1,8}(?:set|get|rewrite|resetstat)(?:[ \t]{1,8}[\w*"'-]{1,64}|[ \t]{0,8}(?=[\r\n]|$))|(?:slaveof|replicaof)[ \t]{1,8}[\w.:-]{1,255}[ \t]{1,8}\w{1,8}[ \t]{0,8}(?=[\r\n]|$)|(?:eval|eval_ro)[ \t]{1,8}["'][^\r\n]{0,512}["'][ \t]{1,8}\d|evalsha[ \t]{1,8}[0-9a-f"']{4,44}[ \t]{1,8}\d|module[ \t]{1,8}load[ \t]{1,8}\S|script[ \t]{1,8}(?:load|flush|kill)\b|debug[ \t]{1,8}(?:sleep|segfault|object)\b|bgsave[ \t]{0,8}(?=[\r\n]|$)|client[ \t]{1,8}(?:kill|pause)\b|acl[ \t]{1,8}setuser\s)/iy;
/** Common words are commands only in capitals and with as many arguments as they take. */
const REDIS_COMMON =
  /(?:(?:SET|SETNX|GETSET|APPEND|LPUSH|RPUSH|SADD|PUBLISH|RENAME|EXPIRE)[ \t]{1,4}\S{1,512}[ \t]{1,4}(?:\S{1,512}|"[^"\r\n]{0,512}")(?:[ \t]{1,4}(?:EX|PX)[ \t]{1,4}\d{1,12})?|(?:GET|DEL|KEYS|HGETALL|UNLINK|TYPE|DUMP|INCR|SELECT|AUTH)[ \t]{1,4}\S{1,512}|(?:SHUTDOWN|SAVE|MONITOR|QUIT|PING|INFO|DBSIZE)(?:[ \t]{1,4}NOSAVE)?)[ \t]{0,4}(?=[\r\n]|$)/y;
const REDIS_ANY = new RegExp(REDIS_COMMON.source, 'iy');
/** Memcached's text protocol: key, flags, time and length stand behind its commands. */
const MEMCACHED =
  /(?:(?:set|add|replace|append|prepend|cas)[ \t]{1,4}[^\s]{1,250}[ \t]{1,4}\d{1,10}[ \t]{1,4}-?\d{1,10}[ \t]{1,4}\d{1,10}(?:[ \t]{1,4}noreply|[ \t]{1,4}\d{1,20})?[ \t]{0,4}[\r\n]|flush_all(?:[ \t]{1,4}\d{1,10})?[ \t]{0,4}(?=[\r\n]|$)|stats[ \t]{1,4}(?:items|slabs|cachedump|settings)\b)/y;

const WHY = 'ends its line and sends the database a command';

/** A line that ends in the value and goes on as a command of a database that reads lines. */
export function searchWire(text: string, source: Source, sensitivity: Sensitivity): Match | undefined {
  let at = text.search(/[\r\n]/);
  if (at < 0) return undefined;
  // Behind prose, commands are an example; behind one word or nothing, they are meant for what reads lines.
  const first = text.slice(0, Math.min(at, MAX_VALUE));
  const word = at < MAX_VALUE && !/\s\S/.test(first.trimStart());
  const commands = word || sensitivity === 'high';
  // Where no line ever ends, commands need no capitals.
  const anyCase = word && source !== 'body';
  if (!commands && !text.includes('*')) return undefined;
  for (let i = 0; i < MAX_LINES && at >= 0 && at < text.length; i++) {
    while (at < text.length && isLineEnd(text.charCodeAt(at))) at++;
    const end = resp(text, at) ?? (commands ? command(text, at, anyCase) : undefined);
    if (end !== undefined) return { start: at, end, why: WHY };
    at = nextLine(text, at);
  }
  return undefined;
}

function resp(text: string, at: number): number | undefined {
  RESP.lastIndex = at;
  return text.charCodeAt(at) === 0x2a && RESP.test(text) ? RESP.lastIndex : undefined;
}

function command(text: string, at: number, anyCase: boolean): number | undefined {
  for (const each of [REDIS_RARE, anyCase ? REDIS_ANY : REDIS_COMMON, MEMCACHED]) {
    each.lastIndex = at;
    if (each.test(text)) return each.lastIndex;
  }
  return undefined;
}

const isLineEnd = (c: number): boolean => c === 0x0a || c === 0x0d;

function nextLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (isLineEnd(text.charCodeAt(at))) return at;
  return -1;
}

/** Lua in a script of Redis: behind a quote that ends a string of it, a call of Redis. */
const LUA =
  /\s{0,8}(?:\.\.|[)\]};]|\s(?:end|or|and)\b)[^\n]{0,256}?(?:redis\.(?:p?call|setresp|log)|loadstring|os\.execute|io\.popen)\s{0,8}\(/y;
const LUA_BARE = /\s{0,8}(?:(?:return|local\s{1,8}\w{1,32}\s{0,8}=)\s{0,8})?redis\.p?call\s{0,8}\(/y;

export function leavesLua(text: string, from: number): Match | undefined {
  LUA.lastIndex = from;
  return LUA.test(text)
    ? { start: from, end: LUA.lastIndex, why: 'leaves the string and runs Lua in Redis' }
    : undefined;
}

export function searchBareLua(text: string): Match | undefined {
  LUA_BARE.lastIndex = 0;
  return LUA_BARE.test(text) ? { start: 0, end: LUA_BARE.lastIndex, why: 'is Lua that calls Redis' } : undefined;
}
