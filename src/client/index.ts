/**
 * `portcullis/client`: signs requests to a gate and verifies its answers (RFC 9421, RFC 9530). Needs node and nothing else of
 * Portcullis.
 */
export { SignatureError } from '../signatures/error.ts';
export { fetchGateKeys, KEYS_PATH, type KeySetDocument } from './key-set.ts';
export { type AnswerVerification, createSigningFetch, type SigningFetchOptions } from './signing-fetch.ts';
