import type { Match, Sensitivity } from '../classes/class.ts';
import { O_CODE, O_NONE, O_OWN, O_SHARED, operatorAt, operatorEnd } from './operators.ts';

/** Steps of one name that are looked at; parsers of forms stop sooner. */
const MAX_STEPS = 64;

const WHY = 'is an operator where a name belongs, and changes the query';
const WHY_CODE = 'gives the database code to run';

/** Members whose values databases run as code: Elasticsearch's scripts. */
const SCRIPTED = /^(?:script_fields|runtime_mappings|bucket_script|scripted_metric|script_score)$/;

/**
 * Reads the name of a member or parameter as libraries build objects of it (`a[$ne]`, `a[][$gt]`, `a.$gt`): is a step an
 * operator? A whole name may be a word of OData or JSON Schema (`$filter`, `$comment`); within brackets none is.
 */
export function searchName(text: string, sensitivity: Sensitivity): Match | undefined {
  let dollar = text.indexOf('$');
  for (let i = 0; i < MAX_STEPS && dollar >= 0; i++, dollar = text.indexOf('$', dollar + 1)) {
    const found = stepAt(text, dollar, sensitivity);
    if (found !== undefined) return found;
  }
  if (sensitivity !== 'low') {
    if (SCRIPTED.test(text)) return { start: 0, end: text.length, why: WHY_CODE };
    // A slip in many lists, and what is left where a filter puts one sign for another.
    if (text.charCodeAt(0) === 0x26 && operatorAt(text, 0) >= O_OWN && operatorEnd === text.length)
      return { start: 0, end: text.length, why: 'probes for operators of a query' };
  }
  return undefined;
}

function stepAt(text: string, dollar: number, sensitivity: Sensitivity): Match | undefined {
  let before = dollar - 1;
  while (before >= 0 && isQuoteOrSpace(text.charCodeAt(before)) && dollar - before < 4) before--;
  const c = before < 0 ? 0 : text.charCodeAt(before);
  const bracket = c === 0x5b;
  if (c !== 0 && !bracket && c !== 0x2e) return undefined;
  const kind = operatorAt(text, dollar);
  if (kind === O_NONE || !endsStep(text, operatorEnd)) return undefined;
  if (sensitivity === 'low' && kind !== O_CODE) return undefined;
  if (kind === O_SHARED && sensitivity !== 'high' && !bracket) return undefined;
  return { start: dollar, end: operatorEnd, why: kind === O_CODE ? WHY_CODE : WHY };
}

function endsStep(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && at - from < 4 && isQuoteOrSpace(text.charCodeAt(at))) at++;
  const c = text.charCodeAt(at);
  return at >= text.length || c === 0x5d || c === 0x5b || c === 0x2e || c === 0;
}

const isQuoteOrSpace = (c: number): boolean => c === 0x20 || c === 0x09 || c === 0x27 || c === 0x22;

/** The whole value is the name of a parameter, as lists of names and values have it: `pin[$ne]`. */
const WHOLE_NAME =
  /^[\w.-]{1,64}(?:\[[\w.-]{0,64}\]){0,8}\[\$(?:ne|eq|gte?|lte?|nin|regex|exists|where|or|and|nor|not|elemMatch|expr|options)\](?:\[[\w$.-]{0,64}\]){0,8}$/;

/** `name[$ne]=1&...` as a value: a query or form that something will read on. */
export function searchPairs(text: string, sensitivity: Sensitivity): Match | undefined {
  if (sensitivity === 'low') return undefined;
  let at = text.indexOf('[$');
  if (at > 0 && WHOLE_NAME.test(text)) return { start: at + 1, end: text.length, why: WHY };
  for (let i = 0; i < MAX_STEPS && at >= 0; i++, at = text.indexOf('[$', at + 2)) {
    if (operatorAt(text, at + 1) === O_NONE) continue;
    if (at === 0 && operatorEnd === text.length - 1) return { start: 0, end: text.length, why: WHY };
    if (!PAIR_REST.test(text.slice(operatorEnd, operatorEnd + 40))) continue;
    // A link to a page whose filter is spelled so goes to that page.
    const before = text.slice(0, at);
    if (sensitivity === 'high' || (at < MAX_BEFORE && !/[\s<>"'(]|:\/\//.test(before)))
      return { start: at + 1, end: operatorEnd, why: WHY };
  }
  return undefined;
}

const MAX_BEFORE = 512;
const PAIR_REST = /^\](?:\[[^\]\s]{0,20}\]){0,3}\s?=/;
