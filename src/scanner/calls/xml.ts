import type { Documents, SchemaAt } from '../../contract/model.ts';
import type { Node } from '../../contract/schema/node.ts';
import { facetsOf } from '../generate/facets.ts';
import { ofItem, ofProperty } from '../generate/members.ts';
import { nodeOf, rawOf } from '../generate/nodes.ts';
import { getOwn, isPlain } from '../generate/own.ts';
import { Verbatim } from '../model/call.ts';
import { scalarText } from './styles.ts';

const MAX_DEPTH = 100;

/** What an XML Object says (OpenAPI 3.0, 4.7.26; `nodeType` of 3.2). */
interface Hints {
  readonly name: string | undefined;
  readonly prefix: string | undefined;
  readonly namespace: string | undefined;
  readonly attribute: boolean;
  readonly wrapped: boolean;
  readonly text: boolean;
}

/** Writes a value as XML: elements and attributes named by the contract's `xml` hints, else by the properties. */
export function writeXml(value: unknown, schema: SchemaAt | undefined): string {
  const nodes = schema ? [nodeOf(schema)] : [];
  const name = rootName(schema);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new Writer(schema?.documents).element(name, value, nodes, 0)}`;
}

/** The root's name: said, or that of the schema in the components. */
function rootName(schema: SchemaAt | undefined): string {
  if (schema === undefined) return 'root';
  const { members } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  for (const node of members) {
    const { name } = hintsOf([node]);
    if (name !== undefined) return name;
  }
  for (const { spot } of members) {
    const found = /\/(?:schemas|definitions)\/([^/]+)$/.exec(spot.uri)?.[1];
    if (found !== undefined) return decode(found);
  }
  return 'root';
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

class Writer {
  readonly #documents: Documents | undefined;

  constructor(documents: Documents | undefined) {
    this.#documents = documents;
  }

  /** @param name without prefix */
  element(name: string, value: unknown, nodes: readonly Node[], depth: number): string {
    const members = this.#members(nodes);
    const { prefix, namespace } = hintsOf(members);
    const tag = tagName(prefix === undefined ? name : `${prefix}:${name}`);
    const space =
      namespace === undefined ? '' : ` xmlns${prefix === undefined ? '' : `:${prefix}`}="${escaped(namespace)}"`;
    if (value instanceof Verbatim) return `<${tag}${space}>${value.text}</${tag}>`;
    if (depth > MAX_DEPTH) return `<${tag}${space}/>`;
    if (Array.isArray(value)) {
      const items = this.#items(value, members, name, depth);
      return depth === 0 || hintsOf(members).wrapped ? `<${tag}${space}>${items}</${tag}>` : items;
    }
    if (!isPlain(value)) return `<${tag}${space}>${value === null ? '' : escaped(scalarText(value))}</${tag}>`;
    let attributes = space;
    let content = '';
    for (const [property, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const inner = (this.#documents && ofProperty(members, property, this.#documents)) ?? [];
      const hints = hintsOf(this.#members(inner));
      const called = hints.name ?? property;
      if (hints.attribute && !isPlain(each) && !Array.isArray(each)) {
        const text = each instanceof Verbatim ? each.text : escaped(scalarText(each));
        attributes += ` ${tagName(hints.prefix === undefined ? called : `${hints.prefix}:${called}`)}="${text}"`;
      } else if (hints.text) content += escaped(scalarText(each));
      else content += this.element(called, each, inner, depth + 1);
    }
    return content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;
  }

  #items(items: readonly unknown[], members: readonly Node[], name: string, depth: number): string {
    const nodes = (this.#documents && ofItem(members, 0, this.#documents)) ?? [];
    const called = hintsOf(this.#members(nodes)).name ?? (depth === 0 ? (rootName(this.#at(nodes)) ?? 'item') : name);
    return items.map((item) => this.element(called, item, nodes, depth + 1)).join('');
  }

  #at(nodes: readonly Node[]): SchemaAt | undefined {
    const node = nodes[0];
    if (!node || !this.#documents) return undefined;
    return {
      schema: node.spot.raw,
      uri: node.spot.uri,
      dialect: node.spot.reading.dialect,
      documents: this.#documents,
    };
  }

  #members(nodes: readonly Node[]): readonly Node[] {
    return this.#documents ? facetsOf(nodes, this.#documents, () => 0).members : [];
  }
}

function hintsOf(nodes: readonly Node[]): Hints {
  for (const node of nodes) {
    const xml = getOwn(rawOf(node), 'xml');
    if (!isPlain(xml)) continue;
    const text = (name: string): string | undefined => {
      const value = getOwn(xml, name);
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const kind = getOwn(xml, 'nodeType');
    return {
      name: text('name'),
      prefix: text('prefix'),
      namespace: text('namespace'),
      attribute: xml['attribute'] === true || kind === 'attribute',
      wrapped: xml['wrapped'] === true || kind === 'element',
      text: kind === 'text' || kind === 'cdata',
    };
  }
  return { name: undefined, prefix: undefined, namespace: undefined, attribute: false, wrapped: false, text: false };
}

/** A name of XML 1.0: what may not stand in one becomes `_`. */
const tagName = (name: string): string => {
  const plain = name.replace(/[^\p{L}\p{N}_.:-]/gu, '_');
  return /^[\p{L}_:]/u.test(plain) ? plain : `_${plain}`;
};

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES.get(char) ?? char);
