import { T_CLOSE, T_DOT, T_INDEX, T_OPEN, T_PIPE } from './lexer.ts';
import { OF_CONFIG } from './names.ts';
import { CHANGES, HIDES, INTERNAL, MIGHT, NOWHERE, type Reached, SHOWS } from './reached.ts';
import { kindAt, lexer, stringAt, wordAt } from './tokens.ts';
import type { Around } from './weights.ts';

/** Objects that frameworks put into every template. */
export function root(i: number, name: string, next: number, around: Around): Reached {
  switch (name) {
    case 'config':
      if (next === T_DOT && OF_CONFIG.has(wordAt(i + 2)) && around.opener !== '${') return SHOWS;
      if (next === T_INDEX && stringAt(i + 2) === 'secret_key') return SHOWS;
      return next === T_PIPE && i === 0 && around.opener === '{{' ? SHOWS : NOWHERE;
    case 'request':
    case 'session':
      return next === T_DOT &&
        /^(?:setattribute|getsession|getservletcontext|removeattribute)$/.test(wordAt(i + 2)) &&
        !around.inCode
        ? CHANGES
        : NOWHERE;
    case 'pagecontext':
      return next === T_DOT && kindAt(i + 3) === T_DOT && kindAt(i + 5) === T_OPEN ? CHANGES : NOWHERE;
    case 'settings':
      return next === T_DOT && /^(?:secret_key|databases)$/.test(wordAt(i + 2)) ? SHOWS : NOWHERE;
    case 'handler':
    case 'application':
      return next === T_DOT && around.opener === '{{' && (wordAt(i + 2) === 'settings' || wordAt(i + 4) === 'settings')
        ? SHOWS
        : NOWHERE;
    case '_self':
      return next === T_DOT && /^(?:env|gettemplatename|displayblock)/.test(wordAt(i + 2)) ? INTERNAL : NOWHERE;
    case '_charset':
      return next === T_PIPE ? HIDES : NOWHERE;
    case '_':
      return next === T_DOT && around.whole && /^(?:version|templatesettings)$/.test(wordAt(i + 2)) ? SHOWS : NOWHERE;
    case 'self':
      if (next !== T_DOT || around.weak || kindAt(i + 3) !== T_DOT) return NOWHERE;
      return wordAt(i + 2) === 'module' || (wordAt(i + 2) === 'template' && wordAt(i + 4) === 'module')
        ? INTERNAL
        : NOWHERE;
    case 'env':
      // Of Ruby, where it is a constant: `<%= ENV['SECRET'] %>`.
      return next === T_INDEX && around.whole && around.opener === '<%' ? SHOWS : NOWHERE;
    case '_context':
    case 'lipsum':
    case 'get_flashed_messages':
      if (name === '_context' && next === T_CLOSE) return SHOWS;
      return next === T_PIPE || next === T_DOT || next === T_INDEX ? SHOWS : NOWHERE;
    case 'cycler':
    case 'joiner':
    case 'url_for':
      return next === T_PIPE || next === T_INDEX ? SHOWS : NOWHERE;
    case 'app':
      if (next !== T_DOT || wordAt(i + 2) !== 'request' || kindAt(i + 3) !== T_DOT) return NOWHERE;
      return /^(?:server|files)$/.test(wordAt(i + 4)) || /^(?:filter|all)$/.test(wordAt(i + 6)) ? SHOWS : NOWHERE;
    case '$smarty':
      if (next === T_DOT && /^(?:template_object|server|env|session|cookies)$/.test(wordAt(i + 2))) return SHOWS;
      return next === T_DOT && around.whole ? SHOWS : MIGHT;
    case 'dump':
    case 'var_dump':
    case 'print_r':
      return next === T_OPEN && around.whole ? SHOWS : NOWHERE;
    case 'dict':
      return next === T_OPEN && joined(i) ? HIDES : NOWHERE;
    default:
      return NOWHERE;
  }
}

/** `dict(po=a, p=a)|join`: the names of its members put together. */
function joined(i: number): boolean {
  for (let at = i + 2; at < Math.min(lexer.count, i + 64); at++)
    if (kindAt(at) === T_CLOSE) return kindAt(at + 1) === T_PIPE && wordAt(at + 2) === 'join';
  return false;
}
