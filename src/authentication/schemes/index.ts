import type { Scheme } from '../scheme.ts';
import { apiKey } from './api-key.ts';
import { basic } from './basic.ts';
import { certificate } from './certificate.ts';
import { jwt } from './jwt.ts';
import { opaque } from './opaque.ts';
import { signature } from './signature.ts';

/** The schemes, in the order in which they are asked whether a credential is theirs. A new one is one line here. */
export const SCHEMES: readonly Scheme[] = [apiKey, basic, jwt, opaque, certificate, signature];
