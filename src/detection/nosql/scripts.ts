import type { Match, Sensitivity } from '../classes/class.ts';

/** Calls of MongoDB's shell: `db.users.find(`, `db.dropDatabase(`, `db['users'].remove(`. */
const SHELL = new RegExp(
  '\\s{0,8}(?:return\\s{1,8})?db\\s{0,8}(?:' +
    '(?:\\.\\s{0,8}[\\w$-]{1,120}|\\[\\s{0,8}["\'][^"\'\\]]{1,120}["\']\\s{0,8}\\]|\\.getCollection\\(\\s{0,8}["\'][^"\']{1,120}["\']\\s{0,8}\\))' +
    '\\s{0,8}\\.\\s{0,8}(?:insert(?:One|Many)?|update(?:One|Many)?|remove|delete(?:One|Many)|drop|find(?:One|AndModify|OneAndUpdate|OneAndDelete|OneAndReplace)?|aggregate|mapReduce|save|renameCollection|createIndex|dropIndex(?:es)?|bulkWrite|replaceOne|distinct|countDocuments|estimatedDocumentCount|count|group|stats)' +
    '|\\.\\s{0,8}(?:dropDatabase|dropUser|dropAllUsers|createUser|getUsers?|getCollectionNames|getCollectionInfos|adminCommand|runCommand|eval|getSiblingDB|shutdownServer|fsyncLock|serverStatus|hostInfo|listCommands|getMongo|currentOp|killOp|changeUserPassword|grantRolesToUser|copyDatabase|cloneDatabase|stats)' +
    ')\\s{0,8}\\(',
  'y',
);
/** What follows a call that is code. */
const GOES_ON = /\s{0,8}(?:$|\0|[;.)}\]]|\/\/|\|\||&&|[=!]=|\[)/y;

/** A function without a name, in which the document or the database is looked at. */
const FUNCTION =
  /\s{0,8}(?:function\s{0,8}(?:[\w$]{0,40}\s{0,8})\([\w$\s,]{0,120}\)\s{0,8}\{|\([\w$\s,]{0,120}\)\s{0,8}=>)/y;
const NAMELESS = /\s{0,8}(?:function\s{0,8}\(|\([\w$\s,]{0,120}\)\s{0,8}=>)/y;
const LOOKS =
  /\b(?:this\s{0,8}[.[]\s{0,8}['"]?(?:_id|pass\w{0,12}|pwd|user\w{0,12}|name|email|role\w{0,4}|admin|is_?admin|token|secret|salary|balance)\b|sleep\s{0,8}\(\s{0,8}\d|emit\s{0,8}\(|tojson(?:oneline)?\s{0,8}\(|hex_md5\s{0,8}\(|db\s{0,8}\.\s{0,8}\w{1,64}\s{0,8}[.(]|Object\.keys\s{0,8}\(\s{0,8}this\b|obj\.(?:credits|\w{0,32}pass))/;
/** A body of nothing but a constant: a condition that holds for every document. */
const CONSTANT =
  /^[\s{(]{0,16}return\s{0,8}\(?\s{0,8}(?:true|1|!0|(\d{1,9}|this\.\w{1,32})\s{0,8}={2,3}\s{0,8}\1)\s{0,8}\)?[\s;}()]{0,16}$/;
/** Only what looks into the document by its keys is meant for a database alone. */
const BARE =
  /\s{0,8}(?:Object\.keys\s{0,8}\(\s{0,8}this\s{0,8}\)|tojson(?:oneline)?\s{0,8}\(\s{0,8}this|this\s{0,8}\.\s{0,8}(?:pass\w{0,12}|pwd)\s{0,8}\.\s{0,8}(?:match|test|search|startsWith|charAt|charCodeAt|substr\w{0,6}|length)\b)/y;
const MAX_BODY = 4096;
/** Characters of the arguments of a call, over which its end is looked for. */
const MAX_CALL = 2048;

/** The whole value is JavaScript for MongoDB's shell or its `$where` and `mapReduce`. */
export function searchScript(text: string, sensitivity: Sensitivity): Match | undefined {
  if (sensitivity === 'low') return undefined;
  SHELL.lastIndex = 0;
  if (SHELL.test(text)) {
    const end = SHELL.lastIndex;
    const close = closeOf(text, end);
    GOES_ON.lastIndex = close;
    if (close > 0 ? GOES_ON.test(text) : sensitivity === 'high')
      return { start: 0, end, why: "is a call of MongoDB's shell" };
    return undefined;
  }
  BARE.lastIndex = 0;
  if (BARE.test(text)) return { start: 0, end: BARE.lastIndex, why: 'takes the document apart in JavaScript' };
  FUNCTION.lastIndex = 0;
  if (!FUNCTION.test(text)) return undefined;
  const start = FUNCTION.lastIndex;
  const body = text.slice(start, start + MAX_BODY);
  NAMELESS.lastIndex = 0;
  if (LOOKS.test(body) || (NAMELESS.test(text) && (CONSTANT.test(body) || sensitivity === 'high')))
    return { start: 0, end: start, why: 'is a function for the database to run' };
  return undefined;
}

/** Where the call whose parenthesis was opened ends; 0 where it does not. */
function closeOf(text: string, from: number): number {
  let depth = 1;
  const most = Math.min(text.length, from + MAX_CALL);
  for (let at = from; at < most; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x28) depth++;
    else if (c === 0x29 && --depth === 0) return at + 1;
    else if (c === 0x27 || c === 0x22) {
      const close = text.indexOf(c === 0x27 ? "'" : '"', at + 1);
      if (close < 0 || close >= most) return 0;
      at = close;
    }
  }
  return 0;
}

/** Solr's local parameters choose another parser, from the first character of a query on. */
const SOLR =
  /\s{0,8}(?:_query_\s{0,8}:\s{0,8}")?\{!\s{0,8}(?:type\s{0,8}=\s{0,8}"?)?(?:xmlparser|join|func|frange|lucene|edismax|dismax|parent|child|geofilt|bbox|term|terms|raw|field|prefix|surround|graph|query|boost|switch|bool|collapse|rerank|ltr|hash_range|mlt|complexphrase)\b(?=[\s}]{1,8}|[\w.$]{0,64}\s{0,8}=)/y;
/** Elasticsearch's scripts: Groovy and Painless that reach for classes. */
const ELASTIC = /^\s{0,8}[{[][^\0]{0,512}?"(?:script_fields|scripted_metric|script_score)"\s{0,8}:/;

export function searchQueryLanguages(text: string, sensitivity: Sensitivity): Match | undefined {
  if (sensitivity === 'low') return undefined;
  SOLR.lastIndex = 0;
  if (SOLR.test(text)) return { start: 0, end: SOLR.lastIndex, why: 'has Solr read the rest with another parser' };
  const found = ELASTIC.exec(text.slice(0, 600));
  return found === null ? undefined : { start: 0, end: found[0].length, why: 'gives Elasticsearch a script to run' };
}
