import type { Operation } from '../../contract/model.ts';
import { judgeOf } from '../generate/judge.ts';

/**
 * Whether a call's path keeps to the contract. Exploring also asks for things that cannot be there, to learn how the API
 * says so: those names are made from real ones and may break a pattern. Such a call is not friendly, and may be refused.
 *
 * @param target as it was sent: path and query
 */
export function pathKeepsContract(operation: Operation, target: string): boolean {
  const query = target.indexOf('?');
  const sent = (query === -1 ? target : target.slice(0, query)).split('/');
  const template = operation.template.split('/');
  if (sent.length !== template.length) return false;
  return template.every((part, index) => {
    const text = decoded(sent[index] as string);
    if (text === undefined) return false;
    const name = /^\{([^{}]{1,200})\}$/.exec(part)?.[1];
    // Several values in one segment are told apart by the gate's router alone.
    if (name === undefined) return part.includes('{') || part === text;
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name);
    if (parameter === undefined || parameter.style !== 'simple') return true;
    const judge = judgeOf(parameter.schema);
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const lists = text.includes(',') && !judge.accepts(text);
    return lists || judge.accepts(text) || (!Number.isNaN(number) && judge.accepts(number)) || isWord(text, judge);
  });
}

const isWord = (text: string, judge: ReturnType<typeof judgeOf>): boolean =>
  (text === 'true' && judge.accepts(true)) || (text === 'false' && judge.accepts(false));

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
