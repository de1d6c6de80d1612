import { passkey } from '../factors/passkey.ts';
import { recovery } from '../factors/recovery.ts';
import { totp } from '../factors/totp.ts';
import type { Factor } from './factor.ts';

/** Steps that may follow the password, in the order in which they are offered; a new one is a file and a line here. */
export const FACTORS: readonly Factor[] = [passkey, totp, recovery];
