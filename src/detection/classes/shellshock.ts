import { F_BRACE } from '../features.ts';
import { searchFunction } from '../shell/functions.ts';
import type { DetectionClass } from './class.ts';

/** Set into a variable of the environment, would the value make an old bash run what stands behind a function in it? */
export const shellshock: DetectionClass = {
  name: 'shellshock',
  title: 'Shellshock',
  features: F_BRACE,
  search: ({ text }, _place, sensitivity) => (text.includes('{') ? searchFunction(text, sensitivity) : undefined),
};
