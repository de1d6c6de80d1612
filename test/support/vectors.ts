import { join } from 'node:path';
import { root } from './program.ts';

/** Test data from elsewhere, read in place; where it is absent, the tests that need it are skipped with the reason. */
export const shared = process.env['PORTCULLIS_SHARED'] ?? join(root, '..', 'shared');

/** Vectors for conformance tests. */
export const vectors = process.env['PORTCULLIS_VECTORS'] ?? join(shared, 'vectors');
