import { nearest } from '../../shared/nearest.ts';
import type { SecurityRequirement, SecurityScheme } from '../model.ts';
import type { Context, Node } from './context.ts';

/** Reads the security schemes of a contract and the requirements that name them. */
export class Security {
  readonly #context: Context;
  /** By name; undefined where the scheme is known by name but cannot be enforced. */
  readonly #schemes = new Map<string, SecurityScheme | undefined>();

  constructor(context: Context, definitions: Node | undefined) {
    this.#context = context;
    for (const [name, given] of definitions?.entries('the security schemes') ?? []) {
      const node = context.follow(given);
      this.#schemes.set(name, node && this.#scheme(name, node));
    }
  }

  get schemes(): readonly SecurityScheme[] {
    return [...this.#schemes.values()].filter((scheme) => scheme !== undefined);
  }

  /**
   * Reads `security`. An alternative with a scheme that cannot be enforced is left out; where none is left, the
   * result is undefined: closed until the policy says otherwise, never open.
   */
  requirements(owner: Node): readonly SecurityRequirement[] | undefined {
    const list = owner.child('security');
    if (!list) return undefined;
    const found: SecurityRequirement[] = [];
    // Only a list that is empty as written says that no credential is needed.
    const open = Array.isArray(list.value) && list.value.length === 0;
    for (const item of list.items("'security'")) {
      const requirement = this.#requirement(item);
      if (requirement) found.push(requirement);
    }
    return found.length === 0 && !open ? undefined : Object.freeze(found);
  }

  #requirement(item: Node): SecurityRequirement | undefined {
    if (!item.isObject('a security requirement')) return undefined;
    const schemes: { scheme: SecurityScheme; scopes: readonly string[] }[] = [];
    let complete = true;
    for (const name of Object.keys(item.value as object)) {
      const scheme = this.#named(name, item);
      if (!scheme) {
        complete = false;
        continue;
      }
      const scopes: string[] = [];
      for (const scope of item.child(name)?.items('the scopes') ?? []) {
        if (typeof scope.value === 'string') scopes.push(scope.value);
        else {
          scope.wrongType('a scope', 'a string');
          complete = false;
        }
      }
      schemes.push(Object.freeze({ scheme, scopes: Object.freeze(scopes) }));
    }
    return complete ? Object.freeze({ schemes: Object.freeze(schemes) }) : undefined;
  }

  #named(name: string, item: Node): SecurityScheme | undefined {
    if (this.#schemes.has(name)) return this.#schemes.get(name);
    // OpenAPI 3.2: the name may be a URI reference to a scheme.
    const found =
      name.includes('#') || name.includes('/') ? this.#context.documents.resolve(name, item.uri) : undefined;
    if (found) {
      const node = this.#context.follow(item.context.node(found.value, found.uri));
      const scheme = node && this.#scheme(name, node);
      this.#schemes.set(name, scheme);
      return scheme;
    }
    const meant = nearest(name, this.#schemes.keys());
    this.#context.findings.error(
      'unknown-security-scheme',
      `the security scheme '${name.slice(0, 100)}' is not defined`,
      meant ? `write '${meant}', if that is meant` : 'define it under the security schemes',
      item.child(name)?.place ?? item.place,
    );
    return undefined;
  }

  #scheme(name: string, node: Node): SecurityScheme | undefined {
    const { findings } = this.#context;
    if (!node.isObject('a security scheme')) return undefined;
    this.#context.checkFields(node, 'a security scheme');
    const type = node.text('type');
    const base = { name, place: node.place };
    switch (type) {
      case 'basic':
        return Object.freeze({ ...base, type: 'http', scheme: 'basic' });
      case 'http': {
        const scheme = node.text('scheme')?.toLowerCase();
        if (scheme) return Object.freeze({ ...base, type, scheme, bearerFormat: node.text('bearerFormat') });
        break;
      }
      case 'apiKey': {
        const parameter = node.text('name');
        const place = node.text('in');
        if (parameter && (place === 'header' || place === 'query' || place === 'cookie')) {
          const spelled = place === 'header' ? parameter.toLowerCase() : parameter;
          return Object.freeze({ ...base, type, in: place, parameter: spelled });
        }
        break;
      }
      case 'oauth2':
        return Object.freeze({ ...base, type });
      case 'openIdConnect':
        return Object.freeze({ ...base, type, openIdConnectUrl: node.text('openIdConnectUrl') });
      case 'mutualTLS':
        return Object.freeze({ ...base, type });
      default:
        findings.warn(
          'unknown-security-scheme-type',
          `the security scheme '${name.slice(0, 100)}' has the unknown type '${(type ?? '').slice(0, 60)}'; what needs it stays closed`,
          'write apiKey, http, oauth2, openIdConnect or mutualTLS',
          node.child('type')?.place ?? node.place,
        );
        return undefined;
    }
    const needs = type === 'http' ? "'scheme'" : "'name' and 'in' (header, query or cookie)";
    findings.error(
      'incomplete-security-scheme',
      `the security scheme '${name.slice(0, 100)}' lacks ${needs}`,
      `write ${needs}`,
      node.place,
    );
    return undefined;
  }
}
