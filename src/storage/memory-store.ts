import { openStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

/** A store that ends with the process: the same code on SQLite's memory, so that tests meet the real behaviour. */
export const memoryStore = (): Store => openStore(':memory:');
