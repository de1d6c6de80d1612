import type { Match, Sensitivity } from '../classes/class.ts';
import { F_TAG } from '../features.ts';
import type { Form } from '../forms.ts';
import { collapse } from '../shared/spaces.ts';
import { searchDtd } from './dtd.ts';
import { searchElements } from './elements.ts';
import { searchCdata, searchElement, searchEncoding } from './structure.ts';

/** Without a tag, a declaration or an instruction there is nothing for a parser to do. */
export const XML_FEATURES = F_TAG;

/** Elements of HTML with which rich text begins: what is written as entities in it is shown, not parsed. */
const RICH =
  /^\s{0,16}<(?:!doctype html\b|html|head|body|p|div|span|h[1-6]|ul|ol|li|table|br|hr|a|b|i|em|strong|pre|code|blockquote|article|section|main|center|font|style|meta|img|figure|details|summary)(?=[\s/>])/i;

/** What a text that holds mark-up would have an XML parser, or what works on its document, do. */
export function searchXml({ name, text }: Form, sensitivity: Sensitivity): Match | undefined {
  const found = searchText(name, text, sensitivity);
  if (found !== undefined) return found;
  const collapsed = collapse(text);
  const stretched = collapsed === undefined ? undefined : searchText(name, collapsed, sensitivity);
  return stretched === undefined ? undefined : { start: 0, end: text.length, why: stretched.why };
}

function searchText(name: string, text: string, sensitivity: Sensitivity): Match | undefined {
  const document = isDocument(text) && !(name.includes('entities') && RICH.test(text));
  return (
    searchDtd(text, document, sensitivity) ??
    searchElements(text, document, sensitivity) ??
    searchCdata(text, sensitivity) ??
    searchElement(text, sensitivity) ??
    (document || sensitivity === 'high' ? searchEncoding(text) : undefined)
  );
}

/** Characters before the first mark-up where a value leaves what it was set into: `x"/>`. */
const MAX_BEFORE = 64;

const WORDS = /[^\s\p{P}\p{S}]\S{0,64}\s+\S{0,64}[^\s\p{P}\p{S}]/u;

/** The text is mark-up from its beginning, or behind what ends a literal or an element. */
function isDocument(text: string): boolean {
  const open = text.indexOf('<');
  if (open < 0 || open > MAX_BEFORE) return false;
  return !WORDS.test(text.slice(0, open));
}
