/** A text of an XML document: character data, or the value of an attribute. */
export interface XmlText {
  readonly text: string;
  /** The element it stands in, and the attribute. */
  readonly where: readonly string[];
  /** It is the name of an element. */
  readonly key?: true;
}

const NAME = /[^\s<>/"'=]{1,200}/y;
const ATTRIBUTE = /([^\s="'/<>]{1,200})\s{0,50}=\s{0,50}$/;

/**
 * The texts of an XML document, one by one: in the whole, the quotes of attributes would hide what breaks out of them.
 * Tolerant: what is no mark-up is text. Linear: each character is passed a bounded number of times.
 */
export function* xmlTexts(document: string): Generator<XmlText> {
  let at = 0;
  let element = '';
  while (at < document.length) {
    const open = document.indexOf('<', at);
    const end = open < 0 ? document.length : open;
    if (end - at > 1) yield { text: document.slice(at, end), where: [element] };
    if (open < 0) return;
    if (document.startsWith('<!--', open)) {
      const close = document.indexOf('-->', open + 4);
      yield { text: document.slice(open + 4, close < 0 ? undefined : close), where: [element] };
      if (close < 0) return;
      at = close + 3;
    } else if (document.startsWith('<![CDATA[', open)) {
      const close = document.indexOf(']]>', open + 9);
      yield { text: document.slice(open + 9, close < 0 ? undefined : close), where: [element] };
      if (close < 0) return;
      at = close + 3;
    } else {
      NAME.lastIndex = open + (document[open + 1] === '/' ? 2 : 1);
      element = NAME.exec(document)?.[0] ?? '';
      // The name of a class, for those who make objects of XML.
      if (document[open + 1] !== '/' && /[.-]/.test(element)) yield { text: element, where: [element], key: true };
      const close = tagEnd(document, open + 1);
      if (close < 0) {
        // A tag that does not end is text.
        yield { text: document.slice(open + 1), where: [element] };
        return;
      }
      yield* attributes(document, open + 1, close, element);
      at = close + 1;
    }
  }
}

/** The place of the `>` that ends a tag; -1 where there is none. */
function tagEnd(document: string, from: number): number {
  for (let at = from; at < document.length; at++) {
    const c = document.charCodeAt(at);
    if (c === 0x3e) return at;
    if (c !== 0x22 && c !== 0x27) continue;
    at = document.indexOf(c === 0x22 ? '"' : "'", at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

function* attributes(document: string, from: number, end: number, element: string): Generator<XmlText> {
  for (let at = from; at < end; at++) {
    const c = document.charCodeAt(at);
    if (c !== 0x22 && c !== 0x27) continue;
    const close = document.indexOf(c === 0x22 ? '"' : "'", at + 1);
    const name = ATTRIBUTE.exec(document.slice(Math.max(from, at - 300), at))?.[1] ?? '';
    if (close - at > 2) yield { text: document.slice(at + 1, close), where: [element, `@${name}`] };
    at = close;
  }
}
