import type { Finding, Severity } from '../../shared/finding.ts';
import { nearest } from '../../shared/nearest.ts';
import { childUri, isObject } from '../references.ts';
import { ALL_ENFORCED, ANNOTATIONS, ENFORCED, isEnforced, UNSUPPORTED, VALIDATION } from './keywords.ts';
import type { Node } from './node.ts';
import { APPLICATORS } from './read-applicators.ts';
import { CONTAINERS } from './read-containers.ts';
import { settleTypes, VALUES } from './read-values.ts';
import type { Library, Spot } from './resources.ts';

/** Gives nodes for schemas, each schema one. */
export interface Nodes {
  readonly library: Library;
  node(spot: Spot): Node;
}

/** What a reader of one keyword works with. */
export interface Site {
  readonly node: Node;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly nodes: Nodes;
  /** The node of a subschema; reports what is none. */
  child(value: unknown, ...keys: (string | number)[]): Node;
  find(severity: Severity, rule: string, message: string, mend: string, keyword?: string): void;
  /** The keyword's value is not what it must be. */
  malformed(keyword: string, expected: string): void;
}

/** Reads one keyword into the node. */
export type Reader = (site: Site, value: unknown, keyword: string) => void;

const READERS: ReadonlyMap<string, Reader> = new Map([...VALUES, ...CONTAINERS, ...APPLICATORS]);
/** Findings kept for one schema. */
const MAX_FINDINGS = 50;

/** Fills a node from its raw schema. Defects become findings of the node; errors mean that it cannot be enforced. */
export function readNode(node: Node, nodes: Nodes): void {
  node.read = true;
  const { spot } = node;
  const { raw, reading } = spot;
  const find: Site['find'] = (severity, rule, message, mend, keyword) => {
    if (node.findings.length >= MAX_FINDINGS) return;
    const uri = keyword === undefined ? spot.uri : childUri(spot.uri, keyword);
    const place = nodes.library.documents.place(uri);
    const finding: Finding = { rule: `schema/${rule}`, severity, message, mend, place };
    node.findings.push(finding);
  };
  if (typeof raw === 'boolean') {
    node.always = raw;
    if ((reading.dialect === 'draft-04' || reading.openapi) && !/\/additional(?:Properties|Items)$/.test(spot.uri))
      find(
        'warning',
        'later-keyword',
        'true and false are schemas from draft 6 on; enforced all the same',
        'Write {} or {not: {}}.',
      );
    return;
  }
  if (!isObject(raw)) {
    find('error', 'no-schema', 'a schema is an object', 'Write an object.');
    return;
  }
  if (reading.defect !== undefined)
    find('error', 'unknown-dialect', reading.defect, 'Use 2020-12, draft-07 or draft-04.', '$schema');
  const site: Site = {
    node,
    raw,
    nodes,
    find,
    child: (value, ...keys) => nodes.node(nodes.library.child(spot, value, ...keys)),
    malformed: (keyword, expected) =>
      find('error', 'malformed-keyword', `${keyword} must be ${expected}`, `Write ${expected}.`, keyword),
  };
  if (reading.lonelyReference && typeof raw['$ref'] === 'string') {
    READERS.get('$ref')!(site, raw['$ref'], '$ref');
    const hidden = Object.keys(raw).filter(isEnforced);
    if (hidden.length > 0)
      find(
        'warning',
        'beside-reference',
        `${hidden.join(', ').slice(0, 200)}: beside $ref nothing is read in this dialect`,
        'Put the $ref and the other keywords into an allOf.',
        hidden[0],
      );
    return;
  }
  for (const keyword of Object.keys(raw)) readKeyword(site, keyword);
  settleTypes(site);
}

function readKeyword(site: Site, keyword: string): void {
  const { node, raw, find } = site;
  const { reading } = node.spot;
  const reader = READERS.get(keyword);
  if (!reading.validation && VALIDATION.has(keyword)) return;
  if (reader && (ENFORCED[reading.dialect].has(keyword) || (reading.tuples && keyword === 'additionalItems'))) {
    if (keyword !== '$ref' && keyword !== 'readOnly' && keyword !== 'writeOnly') node.speaks = true;
    reader(site, raw[keyword], keyword);
    return;
  }
  if (ANNOTATIONS.has(keyword) || (keyword.startsWith('x-') && keyword !== 'x-nullable')) return;
  if (
    reader &&
    (reading.openapi || keyword === 'dependencies' || keyword === 'discriminator') &&
    keyword !== '$dynamicRef'
  ) {
    if (keyword !== 'readOnly' && keyword !== 'writeOnly') node.speaks = true;
    find(
      'warning',
      'later-keyword',
      `${keyword} does not belong to this dialect (${reading.dialect}); enforced all the same`,
      'Move the document to OpenAPI 3.1, or leave the keyword out.',
      keyword,
    );
    reader(site, raw[keyword], keyword);
    return;
  }
  const instead = UNSUPPORTED.get(keyword);
  if (instead !== undefined) {
    find('error', 'unsupported-keyword', `${keyword} is not enforced`, instead, keyword);
    return;
  }
  if (keyword === 'nullable' || keyword === 'x-nullable' || keyword === 'additionalItems') {
    const mend = keyword === 'additionalItems' ? 'Write prefixItems and items.' : "Write type: [..., 'null'].";
    find('warning', 'ignored-keyword', `${keyword} says nothing in this dialect (${reading.dialect})`, mend, keyword);
    return;
  }
  if (ALL_ENFORCED.has(keyword)) {
    find(
      'error',
      'unsupported-keyword',
      `${keyword} is not enforced in this dialect (${reading.dialect})`,
      'Say $schema: https://json-schema.org/draft/2020-12/schema, or leave the keyword out.',
      keyword,
    );
    return;
  }
  const meant = nearest(keyword, ALL_ENFORCED);
  find(
    'warning',
    'unknown-keyword',
    `${keyword.slice(0, 80)} is no keyword: nothing is enforced by it`,
    meant === undefined ? 'Leave it out, or let its name begin with x-.' : `Did you mean ${meant}?`,
    keyword,
  );
}
