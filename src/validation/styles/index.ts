import type { Style as StyleName } from '../../contract/model.ts';
import { cookie, cookieForm } from './cookie.ts';
import { deepObject } from './deep-object.ts';
import { form } from './form.ts';
import { label } from './label.ts';
import { matrix } from './matrix.ts';
import { pipeDelimited } from './pipe-delimited.ts';
import { simple } from './simple.ts';
import { spaceDelimited } from './space-delimited.ts';
import type { Style } from './style.ts';
import { tabDelimited } from './tab-delimited.ts';

/** Every style of the contract's language; a new one is one file and one line. */
const STYLES: Readonly<Record<StyleName, Style>> = {
  matrix,
  label,
  simple,
  form,
  spaceDelimited,
  pipeDelimited,
  tabDelimited,
  deepObject,
  cookie,
};

/** The reader of a style in a location. */
export const styleFor = (name: StyleName, location: string): Style =>
  location === 'cookie' && name === 'form' ? cookieForm : STYLES[name];
