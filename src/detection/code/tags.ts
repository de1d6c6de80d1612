import type { Match, Sensitivity } from '../classes/class.ts';

/** Characters of what stands in a tag that are read. */
const MAX_INSIDE = 600;
const MAX_TAGS = 16;
/** Up to here a value that begins with a tag is meant to be one. */
const MAX_WHOLE = 300;

/** What code in a tag has when it reaches out: functions, what a caller sends, another file. */
const REACHES =
  /\b(?:system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|eval|assert|create_function|call_user_func\w{0,6}|phpinfo|phpversion|php_uname|include|require|include_once|require_once|file_get_contents|file_put_contents|fopen|fwrite|readfile|show_source|highlight_file|base64_decode|gzinflate|str_rot13|move_uploaded_file|unlink|md5|sleep|getenv|curl_exec|fsockopen|execute|executeglobal|getruntime|processbuilder|instance_eval|spawn|wscript|createobject|response\.write|process\.(?:mainmodule|start)|child_process|file\.(?:read|open)|io\.popen|dir\.\w{3,8})\b\s{0,4}[("'$\s/\\.]|\$_(?:get|post|request|cookie|server|files)\b|\$\{?["'`\\]|`[^`]{1,80}`|%x[({[]|\brequest\s?[(.[]/i;
const OPENS =
  /^(?:<\?(?:php\b|=|\s|system|exec|eval|phpinfo)|<%|<script[^>]{0,80}(?:runat\s?=\s?["']?server|language\s?=\s?["']?php)|<jsp:|<\?\S{0,12}\()/i;
/** Tags that hold a value's name, as templates do. */
const NAMES = /^<(?:%[=-]?|\?=)\s{0,4}[@$\w.'"[\]()?: |-]{0,80}\s{0,4}[%?]>/;

/** Shows a variable and nothing else. */
const ECHOES = /^<\?(?:php)?\s{0,8}(?:echo|print)?\s{0,4}\$\w{1,40}(?:->\w{1,40})?;?\s{0,8}$/i;

/** Code between the tags of PHP, ASP, JSP or ERB: run where the value ends up in a page or file that the server reads. */
export function searchTags(text: string, header: boolean, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('<');
  let count = 0;
  while (at >= 0 && count < MAX_TAGS) {
    const c = text.charCodeAt(at + 1) | 0x20;
    // `?`, `%`, `s` and `j`
    if (c === 0x3f || c === 0x25 || c === 0x73 || c === 0x6a) {
      const inside = text.slice(at, at + MAX_INSIDE);
      if (OPENS.test(inside)) {
        count++;
        const why = judge(text, at, inside, header, sensitivity);
        if (why !== undefined) return { start: at, end: Math.min(text.length, at + MAX_INSIDE), why };
      }
    }
    at = text.indexOf('<', at + 1);
  }
  return undefined;
}

function judge(
  text: string,
  at: number,
  inside: string,
  header: boolean,
  sensitivity: Sensitivity,
): string | undefined {
  const close = inside.search(/[?%]>|<\/script/i);
  const code = close < 0 ? inside : inside.slice(0, close);
  const reaches = REACHES.test(code.slice(2));
  if (sensitivity === 'high' && /^<\?php/i.test(code)) return 'holds code that a server would run';
  if (reaches && (header || !isShown(text, at))) return 'holds code that a server would run';
  if (sensitivity === 'low' || at > 8) return undefined;
  if (/^<%@\s{0,4}(?:page|import|include|language)/i.test(code)) return 'holds code that a server would run';
  if (text.length > MAX_WHOLE || NAMES.test(inside) || ECHOES.test(code)) return undefined;
  if (/^<%[^=@#-]/.test(code))
    return close >= 0 && /\w\([^)]{0,200}\);/.test(code) ? 'holds code that a server would run' : undefined;
  return /^<\?(?:php|=|\s)/i.test(code) && (close >= 0 || (/[(;]/.test(code) && !code.includes('\n')))
    ? 'holds code that a server would run'
    : undefined;
}

/** In backticks, a code fence, or a text of many lines that does not begin with it: shown, not set in. */
function isShown(text: string, at: number): boolean {
  if (text.charCodeAt(at - 1) === 0x60 || text.includes('```')) return true;
  if (at < 16) return false;
  const lines = text.slice(0, at).split('\n', 4).length;
  return lines > 2;
}
