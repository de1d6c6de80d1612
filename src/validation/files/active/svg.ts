import { type FileFault, harmful, invalid } from '../fault.ts';
import { type Tag, walkMarkup } from './markup.ts';
import { judgeDoctype, judgeInstruction } from './xml.ts';

/** Elements that run, or hold a page: SVG's own, and those of HTML in whatever namespace. */
const RUNS: ReadonlySet<string> = new Set([
  'script',
  'handler',
  'listener',
  'iframe',
  'frame',
  'frameset',
  'embed',
  'object',
  'applet',
  'meta',
  'base',
  'form',
  'isindex',
]);

/** Elements that write into the attributes of others. */
const ANIMATES: ReadonlySet<string> = new Set(['set', 'animate', 'animatetransform', 'animatemotion', 'discard']);

/** Attributes whose value is fetched, except on a link, which somebody has to click. */
const FETCHES: ReadonlySet<string> = new Set(['href', 'src', 'data', 'action', 'formaction', 'poster', 'background']);

const SCRIPT_URL = /^(?:javascript|vbscript|livescript|mocha):/;
const DATA_PAGE = /^data:(?:text\/|application\/|image\/svg|[,;])/;
const DATA_IMAGE = /^data:(?:image|font|application\/(?:x-)?font|application\/octet-stream|audio|video)[/;,-]/;

/** Judges an SVG drawing: it is shown as a document, and may do all that a page does. */
export function judgeSvg(bytes: Buffer): FileFault | undefined {
  // A mistake at the beginning must not hide an attack behind it.
  let mistake: FileFault | undefined;
  const only = (fault: FileFault | undefined): FileFault | undefined => {
    if (fault?.harmful === false) mistake ??= fault;
    return fault?.harmful === true ? fault : undefined;
  };
  let styled = 0;
  // A style that is not closed is read once, not again from each `<style>` in it.
  const styleAfter = (from: number, text: string): string => {
    if (from < styled) return '';
    const close = text.indexOf('</', from);
    styled = close < 0 ? text.length : close;
    return text.slice(from, styled);
  };
  const attack = walkMarkup<FileFault>(bytes.toString('utf8'), {
    tag: (tag, text) =>
      only(judgeTag(tag) ?? (tag.name === 'style' ? judgeStyle(styleAfter(tag.end, text)) : undefined)),
    doctype: (declaration) => only(judgeDoctype(declaration)),
    instruction: (text) => only(judgeInstruction(text)),
  });
  return attack ?? mistake;
}

function judgeTag({ name, attributes }: Tag): FileFault | undefined {
  if (RUNS.has(name)) return harmful('svg-script', `is a drawing with a <${name}>`);
  const animates = ANIMATES.has(name);
  for (const [key, value] of attributes) {
    if (key.length > 3 && key.startsWith('on'))
      return harmful('svg-script', 'is a drawing that runs a script on an event');
    if (value.length < 4) continue;
    const fault = judgeValue(name, key, value, animates);
    if (fault !== undefined) return fault;
  }
  if (name === 'foreignobject') return invalid('svg-page', 'is a drawing that holds a piece of a page (foreignObject)');
  return undefined;
}

function judgeValue(name: string, key: string, value: string, animates: boolean): FileFault | undefined {
  // URLs are read without spaces and control characters (WHATWG URL, section 4.4).
  const start = value
    .slice(0, 200)
    .replace(/[\x00-\x20\x7f]+/g, '')
    .slice(0, 80)
    .toLowerCase();
  if (SCRIPT_URL.test(start)) return harmful('svg-script', 'is a drawing with a link that is a script');
  if (animates) {
    if (key === 'attributename' && /^(?:[a-z]+:)?(?:on|href|src)/.test(start) && /^(?:[a-z]+:)?on/.test(start))
      return harmful('svg-script', 'is a drawing that animates an event');
    if (/javascript:|vbscript:|data:text/i.test(value))
      return harmful('svg-script', 'is a drawing that animates a link to a script');
  }
  if (FETCHES.has(key)) {
    if (name === 'a')
      return DATA_PAGE.test(start) ? harmful('svg-script', 'is a drawing with a link to a page of its own') : undefined;
    return judgeReference(start, name);
  }
  return value.includes('(') || key === 'style' ? judgeStyle(value) : undefined;
}

/** What a drawing fetches when it is shown, or when a server makes a picture of it. */
function judgeReference(start: string, name: string): FileFault | undefined {
  if (start === '' || start.startsWith('#')) return undefined;
  if (start.startsWith('data:')) {
    const page = DATA_PAGE.test(start) && (name === 'use' || !start.startsWith('data:image/svg'));
    if (page && !DATA_IMAGE.test(start)) return harmful('svg-script', 'is a drawing that holds a page');
    return name === 'use' && start.startsWith('data:image/svg')
      ? harmful('svg-script', 'is a drawing that uses another')
      : undefined;
  }
  if (/^https?:|^\/\//.test(start) || !/^[a-z][\w+.-]{1,20}:|^[/\\]|^\.\.[/\\]/.test(start))
    return invalid('svg-external', 'is a drawing that refers to something outside of itself');
  return harmful('svg-external', 'is a drawing that reads a file or asks a service');
}

const STYLE_URL = /url\(\s{0,100}["']?\s{0,100}([^"')\s]{0,80})/gi;

function judgeStyle(css: string): FileFault | undefined {
  if (/javascript:|expression\s{0,10}\(|-moz-binding|behavior\s{0,10}:\s{0,10}url/i.test(css))
    return harmful('svg-script', 'is a drawing whose style runs a script');
  for (const [, target = ''] of css.matchAll(STYLE_URL)) {
    const fault = judgeReference(target.toLowerCase(), 'image');
    if (fault !== undefined) return fault;
  }
  return /@import/i.test(css)
    ? invalid('svg-external', 'is a drawing that refers to something outside of itself')
    : undefined;
}
