import type { Source } from '../classes/class.ts';
import { alternatives } from '../shared/alternatives.ts';

/** A reader of files behind a scheme, at the beginning of a value or of a parameter in it. */
const WRAPPER = new RegExp(
  String.raw`^[\s\0"'=]{0,8}(?:url:)?${alternatives(
    String.raw`php expect phar zip glob ogg rar ssh2(?:\.\w{1,8})? compress\.\w{1,8} netdoc`,
    'jar:file jar:https? view-source:file local_file file',
  )}:[/\\]{1,6}(.{0,80})`,
  'i',
);
/** PHP's own streams, whose slashes some filters have eaten. */
const STREAM = /^\s{0,8}php:\/{0,4}(?:filter\/|input\b|memory\b|temp\b|fd\/|std)/i;
const RESOURCE = /php:\/{1,4}filter\/[^\s"'<>]{0,200}resource=/i;
const TEXTS = '(?:text/(?:plain|html|x-php))?';
const DATA = new RegExp(
  String.raw`^\s{0,8}data:(?://)?(?:application/x-(?:httpd-)?php|${TEXTS}[^,]{0,60},(?:\s{0,4}<\?|PD9|PD89|.{0,40}<\?))`,
  'i',
);

/** Code or text on another machine, as scripts include it: the query at the end takes off what they append. */
const REMOTE = new RegExp(
  String.raw`^[\s"']{0,8}(?:https?|ftps?):[/\\]{1,4}([^\s/\\?#]{1,255})[/\\]([^\s?#]{0,500})` +
    String.raw`(\?{1,3}(?:&?(?:cmd|command|c|exec|x)=.{0,200})?|%00|\0)?$`,
  'i',
);
const CODE = /\.(?:php\d?|phtml|phps?|inc|asp|aspx|asa|jsp|cfm|cgi|pl)$/i;
const TEXT = /\.(?:txt|dat|log)$/i;
/** Shells that go from hand to hand, by the names they go by. */
const SHELL = new RegExp(
  String.raw`(?:^|[/\\])${alternatives(
    'c99 c100 r57 b374k wso alfa cmd id r00t shell webshell backdoor simple-backdoor php-reverse-shell evil malicious',
    'rfi(?:_?test)?',
  )}\d{0,3}(?:shell)?\.(?:txt|php\d?|jpe?g|gif|png|dat|inc|aspx?|jsp)$`,
  'i',
);
const NUMERIC = /^(?:[^@]{0,64}@)?\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/;

/** Whether a value is a `data:` URL with a program in it. */
export const givesCode = (text: string): boolean => DATA.test(text);

/** Whether a value makes what opens files read through a wrapper, from another machine, or run what it is given. */
export function wrapped(text: string, source: Source): string | undefined {
  const found = WRAPPER.exec(text);
  if (found !== null && (!/^[\s\0"'=]*(?:url:)?file/i.test(text) || (found[1] as string).length > 1))
    return 'reads through a wrapper instead of a file';
  if (STREAM.test(text)) return 'reads through a wrapper instead of a file';
  if (givesCode(text)) return 'gives code in place of a file';
  return remote(text, source);
}

/** Also within a text: it hands out the source of a program. */
export function readsSource(text: string): number {
  return text.includes('filter/') ? text.search(RESOURCE) : -1;
}

/** A plain URL is honest; one that ends as included code must is not. */
function remote(text: string, source: Source): string | undefined {
  const url = REMOTE.exec(text);
  if (url === null) return undefined;
  const [, host = '', path = '', cut] = url;
  const code = CODE.test(path);
  const included =
    (cut !== undefined && (TEXT.test(path) || (code && source !== 'body'))) ||
    (SHELL.test(path) && (cut !== undefined || /\.(?:txt|php\d?|asp|jsp)$/i.test(path))) ||
    (NUMERIC.test(host) && (code || /\.txt$/i.test(path)) && source !== 'body');
  return included ? 'includes code from another machine' : undefined;
}
