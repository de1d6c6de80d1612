import type { OutgoingHttpHeader } from 'node:http';
import type { Answer, Exchange } from './exchange.ts';

/**
 * What leaves with an answer: the API's headers as far as they were let through, then the stages', names and values in
 * turn. What a stage says goes before what the API said.
 */
export function answerHeaders(answer: Answer, exchange: Exchange, length: number): OutgoingHttpHeader[] {
  const list: OutgoingHttpHeader[] = [];
  const own = exchange.answerHeaders;
  for (const name in answer.headers) {
    if (own[name] === undefined) list.push(name, answer.headers[name] as string | string[]);
  }
  for (const name in own) list.push(name, own[name] as string);
  list.push('x-exchange-id', exchange.id);
  if (length >= 0) list.push('content-length', String(length));
  return list;
}
