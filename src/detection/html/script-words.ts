const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Functions that proofs and payloads call: dialogs, and what runs text as script. In lower case, for copies that lost theirs. */
export const DIALOGS = set('alert confirm prompt print msgbox');
export const EVALUATORS = set(
  'eval execscript function constructor generatecrmfrequest asyncfunction globaleval $eval $evalasync $parse',
);

/** What reaches another site, writes a page or unpacks hidden text. */
export const REACHES = set(
  'fetch importscripts import sendbeacon xmlhttprequest websocket eventsource image worker sharedworker write writeln ' +
    'atob unescape fromcharcode fromcodepoint insertadjacenthtml createcontextualfragment open postmessage getscript ' +
    'navigate parsefromstring setattribute createobjecturl showmodaldialog',
);
/** Run their first argument where it is text. */
export const TIMERS = set('settimeout setinterval setimmediate requestanimationframe');

/** Names of the object that holds all others, and what gives it. */
export const GLOBALS = set('window self top parent frames globalthis this opener content defaultview document');
/** Stores that are objects of their own. */
export const STORES = set('localstorage sessionstorage cookiestore indexeddb');
/** Properties that tell an attacker something, or that navigate when they are set. */
export const SECRETS = set(
  'cookie domain localstorage sessionstorage cookiestore referrer documenturi baseuri indexeddb',
);
/** Targets of an assignment that acts at once. */
export const TARGETS = set('location cookie domain innerhtml outerhtml srcdoc documentelement onerror onhashchange');
/** Own functions of a text's prototype chain with which code is reached without its name. */
export const PASSES = set('call apply bind');

/** Words behind which an operand may stand, and that are no operand themselves. */
export const KEYWORDS = set(
  'return throw typeof void delete new in of instanceof case do else await yield var let const function class extends if ' +
    'for while with switch try catch finally import export default static break continue debugger',
);
/** Words whose parenthesis is a condition: what stands behind it is a statement. */
export const CONDITIONS = set('if for while with switch catch function');

/** Scripts that do nothing, in places where something must stand. */
export const IDLE = set(
  'void(0) void0 void(0); void0; ; false true undefined null return returnfalse returnfalse; returntrue returntrue; ' +
    'history.back() history.back(); history.go(-1) history.go(-1); window.history.back() window.history.back(); ' +
    'window.close() window.close(); // {}',
);
