import type { Operation } from '../contract/model.ts';

/**
 * Whether the operation is the one that `contract: none` makes of every path. Asks for more than the template, so that
 * a contract which happens to have such a path is not taken for none.
 */
export const isWithoutContract = (operation: Operation): boolean =>
  (operation.template === '/*' || operation.template === '/**') &&
  operation.operationId === undefined &&
  operation.security === undefined &&
  operation.responses.every(({ content }) => content.every(({ schema }) => schema === undefined));
