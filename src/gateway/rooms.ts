import { audit } from '../audit/audit.ts';
import { authentication } from '../authentication/authentication.ts';
import { authorization } from '../authorization/authorization.ts';
import { detection } from '../detection/detection.ts';
import { disclosure } from '../disclosure/disclosure.ts';
import { encryption } from '../encryption/encryption.ts';
import { forwarding } from '../forwarding/forwarding.ts';
import { throttling } from '../throttling/throttling.ts';
import { validation } from '../validation/validation.ts';

/** The rooms of the house, in the order of the practices they stand for; a new room is one line here. */
export const ROOMS = {
  authentication,
  authorization,
  validation,
  detection,
  encryption,
  disclosure,
  throttling,
  audit,
  forwarding,
} as const;
