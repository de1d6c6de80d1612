/**
 * Operators of MongoDB and of what speaks its language (CouchDB's Mango, Parse, Sequelize's old aliases), by what a
 * caller gains with one. MongoDB manual: Query and Projection, Update, Aggregation Operators. They are case-sensitive.
 */

/** No operator. */
export const O_NONE = 0;
/** Also a word of OData, of analytics, of templates or of JSON Schema: harmful only where the syntax around it is. */
export const O_SHARED = 1;
/** Of query languages like MongoDB's only. */
export const O_OWN = 2;
/** Runs code that is given with it. */
export const O_CODE = 3;

const KINDS = new Map<string, number>();
const add = (kind: number, words: string): void => {
  for (const word of words.split(' ')) KINDS.set(word, kind);
};

add(O_CODE, 'where function accumulator code func fn');
add(O_OWN, 'eq ne gt gte lt lte in nin not and or nor exists regex expr mod elemMatch all size jsonSchema');
add(O_OWN, 'like between contains startsWith endsWith isNull isNotNull notNull overlap contained any strictLeft');
add(O_OWN, 'geoWithin geoIntersects near nearSphere maxDistance minDistance within bitsAllClear bitsAnyClear');
add(O_OWN, 'bitsAllSet bitsAnySet natural rand sampleRate slice options cmp iLike notLike notIn notBetween');
add(O_OWN, 'inc mul rename setOnInsert addToSet pop pull push pushAll pullAll currentDate each position bit');
add(O_OWN, 'lookup graphLookup unionWith out match group project addFields unwind facet bucket bucketAuto sortByCount');
add(O_OWN, 'replaceRoot replaceWith redact geoNear collStats indexStats currentOp listSessions planCacheStats');
add(O_OWN, 'listLocalSessions setWindowFields documents densify fill ifNull regexMatch regexFind strcasecmp substr');
add(O_OWN, 'substrCP substrBytes strLenCP strLenBytes toString objectToArray arrayToObject keyMapMatch allMatch');
add(
  O_SHARED,
  'eval set unset add append union remove merge map reduce filter let switch cond concat type comment text',
);
add(O_SHARED, 'search limit sort sample count min max sum avg first last query explain');
add(O_SHARED, 'hint returnKey showDiskLoc maxTimeMS maxScan snapshot orderby literal convert size range caseSensitive');

const MAX_OPERATOR = 24;

/** The kind of the operator whose `$` stands at a place; `operatorEnd` is where it ends. */
export function operatorAt(text: string, dollar: number): number {
  let at = dollar + 1;
  const most = Math.min(text.length, at + MAX_OPERATOR);
  while (at < most && isLetter(text.charCodeAt(at))) at++;
  operatorEnd = at;
  return at < text.length && isWordPart(text.charCodeAt(at))
    ? O_NONE
    : (KINDS.get(text.slice(dollar + 1, at)) ?? O_NONE);
}

/** Where the operator that was read last ends. */
export let operatorEnd = 0;

const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
const isWordPart = (c: number): boolean => isLetter(c) || c === 0x5f || (c >= 0x30 && c <= 0x39) || c >= 0x80;
