import type { DetectionClass } from './class.ts';
import { pathTraversal } from './path-traversal.ts';
import { sqlInjection } from './sql-injection.ts';

/** Every class of attack, the cheapest to rule out first; a new class is one file and one line. */
export const CLASSES: readonly DetectionClass[] = [pathTraversal, sqlInjection];

/** Their names, for settings. */
export const CLASS_NAMES = CLASSES.map((each) => each.name) as [string, ...string[]];
