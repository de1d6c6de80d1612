import { absoluteUri, isObject, ownChild } from '../references.ts';
import type { Context, Node } from './context.ts';

/** Gives the path prefix under which operations stand, from `servers` at three levels or from `basePath`. */
export class BasePaths {
  readonly #context: Context;
  readonly #source: string;
  readonly #fixed: string | undefined;
  readonly #known = new Map<unknown, string>();

  /** @param fixed what the configuration says; it counts instead of everything in the contract. */
  constructor(context: Context, source: string, fixed: string | undefined) {
    this.#context = context;
    this.#source = /^https?:/i.test(source) ? source : 'http://localhost/';
    this.#fixed = fixed === undefined ? undefined : trim(fixed);
  }

  /** The prefix: without slash at the end, empty for the root. Nearest level first. */
  prefix(levels: readonly (Node | undefined)[]): string {
    if (this.#fixed !== undefined) return this.#fixed;
    for (const level of levels) {
      const servers = level?.child('servers');
      if (servers && Array.isArray(servers.value) && servers.value.length > 0) return this.#servers(servers);
      if (servers && !Array.isArray(servers.value)) servers.wrongType("'servers'", 'a list');
    }
    return '';
  }

  /** `basePath` of Swagger 2.0. */
  swagger(root: Node): string {
    if (this.#fixed !== undefined) return this.#fixed;
    const basePath = root.text('basePath') ?? '';
    if (basePath !== '' && !basePath.startsWith('/')) {
      const place = root.child('basePath')?.place;
      this.#context.findings.warn(
        'base-path',
        "'basePath' does not begin with '/'; it is read as if it did",
        "write '/'",
        place,
      );
    }
    if (basePath.includes('{')) {
      const message = "'basePath' holds a parameter, which Swagger 2.0 does not allow; it is read as one of the path";
      this.#context.findings.warn(
        'base-path',
        message,
        'move it into the paths and declare it',
        root.child('basePath')?.place,
      );
    }
    return trim(basePath);
  }

  #servers(list: Node): string {
    const known = this.#known.get(list.value);
    if (known !== undefined) return known;
    const prefixes: string[] = [];
    for (const server of list.items("'servers'")) {
      if (!server.isObject('a server')) continue;
      const path = this.#path(server);
      if (path !== undefined) prefixes.push(path);
    }
    const first = prefixes[0] ?? '';
    const other = prefixes.find((prefix) => prefix !== first);
    if (other !== undefined) {
      this.#context.findings.warn(
        'several-base-paths',
        `the servers have different paths ('${show(first)}', '${show(other)}', ...); '${show(first)}' counts`,
        'put the server that stands behind the gate first, or set the base path in the configuration',
        list.place,
      );
    }
    this.#known.set(list.value, first);
    return first;
  }

  #path(server: Node): string | undefined {
    const url = server.text('url');
    if (url === undefined) {
      this.#context.findings.error('server-without-url', "a server without 'url'", "write 'url'", server.place);
      return undefined;
    }
    const variables = server.child('variables');
    let missing = '';
    const filled = url.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
      const variable = ownChild(variables?.value, name);
      const value = isObject(variable) ? ownChild(variable, 'default') : undefined;
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      missing = name;
      return 'x';
    });
    if (missing !== '') {
      this.#context.findings.warn(
        'server-variable',
        `the server variable '${missing.slice(0, 60)}' has no default; it is read as 'x'`,
        'write its default, or set the base path in the configuration',
        server.place,
      );
    }
    const absolute = URL.parse(absoluteUri(filled, this.#source));
    if (absolute) return trim(absolute.pathname);
    const message = `the server URL '${filled.slice(0, 200)}' cannot be read; its path is taken as '/'`;
    this.#context.findings.warn('server-url', message, 'write an absolute URL, or a path', server.place);
    return '';
  }
}

const show = (prefix: string): string => (prefix === '' ? '/' : prefix);

function trim(path: string): string {
  const plain = path.replace(/\/{1,100}$/, '');
  return plain === '' || plain.startsWith('/') ? plain : `/${plain}`;
}
