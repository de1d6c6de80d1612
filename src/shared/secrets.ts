import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares two secrets as fixed-length digests in constant time: neither content nor length leaks by timing. */
export const equalSecrets = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));
