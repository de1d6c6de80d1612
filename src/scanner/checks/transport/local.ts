import type { CheckContext } from '../../model/check.ts';

/** Whether the API is on this machine, where nobody listens in between. */
export const isLocal = ({ base }: Pick<CheckContext, 'base'>): boolean =>
  /^(?:localhost$|127\.|\[::1\])/.test(base.hostname);
