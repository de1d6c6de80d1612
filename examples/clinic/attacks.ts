import { access } from './attacks/access.ts';
import { data } from './attacks/data.ts';
import { injection } from './attacks/injection.ts';
import { outside } from './attacks/outside.ts';
import { protocol } from './attacks/protocol.ts';
import { session } from './attacks/session.ts';
import type { Attacks } from './attacks/target.ts';

export { PASSWORDS, Target } from './attacks/target.ts';

/** One attack (of one or more parts) for each weakness; `true` for each part that got through. */
export const ATTACKS: Attacks = { ...access, ...data, ...injection, ...outside, ...protocol, ...session };
