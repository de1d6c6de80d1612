import type { MediaType, RequestBody, Response, ResponseHeader } from '../model.ts';
import type { Context, Node } from './context.ts';
import { readContent } from './media-types.ts';
import { readHeader } from './parameters.ts';

/** Reads a Request Body Object of 3.x. */
export function readRequestBody(context: Context, given: Node): RequestBody | undefined {
  const node = context.follow(given);
  if (!node?.isObject("'requestBody'")) return undefined;
  context.checkFields(node, 'a request body');
  const content = readContent(context, node.child('content'));
  if (content.length === 0) {
    context.findings.warn(
      'empty-content',
      'a request body without a media type: no body is accepted',
      "write 'content'",
      node.place,
    );
  }
  return Object.freeze({ required: node.flag('required') ?? false, content, place: node.place });
}

/** Reads `responses`; what a response holds is read by `contentOf`, since 2.0 and 3.x differ there. */
export function readResponses(
  context: Context,
  owner: Node,
  contentOf: (response: Node) => readonly MediaType[],
  known: Map<string, Omit<Response, 'status'>>,
): readonly Response[] {
  const responses: Response[] = [];
  const seen = new Set<string>();
  const declared = owner.child('responses');
  context.checkNoExtensions(declared, "'responses'");
  for (const [code, given] of declared?.entries("'responses'", true) ?? []) {
    const status = code === 'default' ? code : code.toUpperCase();
    if (code !== 'default' && !/^([1-5]\d\d|[1-5]XX)$/.test(status)) {
      context.findings.warn(
        'bad-status',
        `'${code.slice(0, 60)}' is no status; the response is ignored`,
        "write a status as '200', '2XX' or 'default'",
        given.place,
      );
      continue;
    }
    if (seen.has(status)) continue;
    seen.add(status);
    const node = context.follow(given);
    if (!node?.isObject('a response')) continue;
    let rest = known.get(node.uri);
    if (!rest) {
      context.checkFields(node, 'a response');
      noteLinks(context, node);
      rest = { content: contentOf(node), headers: readHeaders(context, node), place: node.place };
      known.set(node.uri, rest);
    }
    responses.push(Object.freeze({ status, ...rest }));
  }
  return Object.freeze(responses);
}

export const contentOf3 =
  (context: Context) =>
  (response: Node): readonly MediaType[] =>
    readContent(context, response.child('content'));

function readHeaders(context: Context, response: Node): readonly ResponseHeader[] {
  const headers: ResponseHeader[] = [];
  for (const [name, given] of response.child('headers')?.entries("'headers'") ?? []) {
    // OpenAPI: a response header called Content-Type is ignored.
    if (name.toLowerCase() === 'content-type') continue;
    if (context.version === '2.0') {
      headers.push(Object.freeze({ name: name.toLowerCase(), required: false, schema: context.schemaAt(given) }));
      continue;
    }
    const header = readHeader(context, name, given);
    if (header) headers.push(Object.freeze({ name: header.name, required: header.required, schema: header.schema }));
  }
  return Object.freeze(headers);
}

function noteLinks(context: Context, response: Node): void {
  const links = response.child('links');
  if (links)
    context.findings.warnOnce('not-served', "'links' describe, they are not enforced", 'nothing to mend', links.place);
}
