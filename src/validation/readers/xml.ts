import { Malformed } from '../fault.ts';
import { isXml } from './names.ts';
import { asIs, type BodyReader } from './reader.ts';
import { readText } from './text.ts';

/** Only at the very beginning, and saying UTF-8 or nothing (XML 1.0, section 2.8). */
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t]*=[ \t]*["']1\.[01]["'](?:[ \t\r\n]+encoding[ \t]*=[ \t]*["']utf-8["'])?(?:[ \t\r\n]+standalone[ \t]*=[ \t]*["'](?:yes|no)["'])?[ \t\r\n]*\?>/i;

/**
 * XML as text: no document type, no entities of its own, no processing instructions, UTF-8 only. Its elements are not
 * judged; the room says so at load.
 */
export const xml: BodyReader = {
  name: 'xml',
  accepts: isXml,
  large: false,
  judges: 'none',
  rewritable: false,
  compile: () => (bytes) => {
    const text = readText(bytes);
    if (text instanceof Malformed) return text;
    const declaration = text.startsWith('<?') ? DECLARATION.exec(text.slice(0, 200)) : undefined;
    if (declaration === null) return new Malformed('', 'the XML declaration is malformed, or names another encoding');
    const start = declaration === undefined ? 0 : declaration[0].length;
    if (text.indexOf('<?', start) >= 0) return new Malformed('', 'processing instructions are refused');
    for (let at = text.indexOf('<!', start); at >= 0; at = text.indexOf('<!', at + 2)) {
      if (!text.startsWith('<!--', at) && !text.startsWith('<![CDATA[', at))
        return new Malformed('', 'document types and declarations are refused');
    }
    return asIs(text, bytes);
  },
  contentType: ({ type }) => `${type}; charset=utf-8`,
};
