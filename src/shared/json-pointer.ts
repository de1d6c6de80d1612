/** Steps of a pointer in configuration, at most: what a person writes. */
const MAX_STEPS = 20;

/**
 * Splits a JSON pointer (RFC 6901) into its unescaped steps. `*` stays as it is: where pointers are rules it stands for
 * every item of an array.
 * @returns undefined where it is no pointer, or has more than 20 steps. The empty pointer has no steps.
 */
export function parsePointer(text: string): readonly string[] | undefined {
  if (text === '') return [];
  if (text[0] !== '/' || /~(?![01])/.test(text)) return undefined;
  const steps = text.slice(1).split('/');
  if (steps.length > MAX_STEPS) return undefined;
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A step as it stands in a pointer. */
export const escapeStep = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
