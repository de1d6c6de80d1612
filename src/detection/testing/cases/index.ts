import type { Case } from './case.ts';
import { PATH_TRAVERSAL } from './path-traversal.ts';
import { SQL_INJECTION } from './sql-injection.ts';

/** Attacks of the project's own, a file a class. */
export const CASES: readonly Case[] = [...SQL_INJECTION, ...PATH_TRAVERSAL];
