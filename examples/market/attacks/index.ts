import type { Weakness } from '../weaknesses.ts';
import { BUSINESS_ATTACKS } from './business.ts';
import { CALLER_ATTACKS } from './callers.ts';
import { INJECTION_ATTACKS } from './injection.ts';
import { OBJECT_ATTACKS } from './objects.ts';
import { SETTING_ATTACKS } from './settings.ts';
import type { Attack } from './target.ts';

/** One attack (of one or more parts) for each weakness. */
export const ATTACKS: Readonly<Record<Weakness, Attack>> = {
  ...OBJECT_ATTACKS,
  ...CALLER_ATTACKS,
  ...BUSINESS_ATTACKS,
  ...INJECTION_ATTACKS,
  ...SETTING_ATTACKS,
};

/** Attacks that another weakness lets through as well, because what it opens is more. */
export const ALSO_BY: Readonly<Partial<Record<Weakness, readonly Weakness[]>>> = {
  'coupon-race': ['coupon-reuse'],
  'trusts-forwarded': ['weak-login'],
};
