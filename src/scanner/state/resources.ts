import type { Contract, Operation, Parameter, SchemaAt } from '../../contract/model.ts';
import { escapeStep } from '../../shared/json-pointer.ts';
import { deedOf } from './known.ts';
import { kindOf, namingOf, plain, singular, wordsOf } from './names.ts';
import { allowsType, answerSchema, itemsOf, keywordOf, propertiesOf, requestSchema, schemaName } from './shapes.ts';

/** Which things a value can point at: `patient` by `id`. */
export interface Reference {
  readonly kind: string;
  readonly property: string;
  /** True: it points at something that must be there; false: it may (`?name=`). */
  readonly certain: boolean;
}

/** A parameter of a path, and what it points at. */
export interface PathPlace extends Reference {
  /** `path:id`. */
  readonly place: string;
  readonly name: string;
  readonly schema: SchemaAt | undefined;
}

/** Words of segments that name no thing. */
const PREFIX = /^(v\d+(\.\d+)?|api|rest|public|private|internal|admin|latest|beta|current|my)$/i;
/** Properties that many things have: alike ones say nothing. */
/** Properties that say by themselves what they identify. */
const DISTINCT: ReadonlySet<string> = new Set(['iban', 'vin', 'isbn', 'barcode', 'sku']);
const COMMON = new Set(['name', 'title', 'id']);
/** Kinds that are people who can log in. */
const PEOPLE = [
  'user',
  'account',
  'customer',
  'member',
  'person',
  'profile',
  'client',
  'employee',
  'patient',
  'student',
  'player',
  'author',
  'staff',
];
/** Parts that persons play in things. */
const PARTS =
  /(owner|author|creator|customer|assignee|sender|recipient|receiver|member|manager|reporter|reviewer|approver|buyer|seller|requester|createdby|updatedby|user|person|recipientuser|follower|friend)$/;
/** Endings that contracts give to the names of shapes of one thing. */
const SHAPES =
  /(page|list|summary|response|request|dto|view|out|output|result|results|detail|details|item|full|public|read|collection|model|resource|entity|data|info|object|schema|base|envelope)$/;
const SHAPE_STARTS = /^(new|create|created|get|paged|paginated|list|base|api|update|updated)/;
/** Deeds on a thing, as the last segment of a path. */
const DEEDS =
  /^(cancel|pay|approve|reject|close|open|reopen|activate|publish|unpublish|submit|confirm|complete|finish|start|stop|accept|decline|archive|unarchive|restore|lock|unlock|like|unlike|star|unstar|follow|unfollow|join|leave|assign|unassign|verify|ship|deliver|refund|return|checkout|redeem|send|resend|retry|run|execute|trigger|transfer|withdraw|deposit|move|copy|clone|merge|renew|extend|suspend|resume|enable|disable|mark|read|rate|vote|upvote|downvote|report|block|unblock|promote|demote|reset|refresh|sign|revoke|release|hold|process|rename|book|reserve|schedule|apply|use|claim|settle|capture|void|status|state)$/;
/** Last segments that say that something is made. */
const CREATES = /^(register|registration|signup|create|new|add|upload|import|submit|insert|save)$/;
const SEARCHES =
  /^(search|query|find|lookup|filter|list|login|signin|validate|check|preview|verify|test|calculate|estimate|convert|parse|export|count|exists|authenticate|token|graphql|batch|bulk|match|suggest|autocomplete|compare|evaluate|echo|ping|health|translate|render|quote)$/;

/** What the contract says about things: which paths stand for them, and which values point at them. */
export class Resources {
  /** Kinds of things that have a path of their own. */
  readonly kinds: ReadonlySet<string>;
  readonly #contract: Contract;
  readonly #paths = new Map<Operation, readonly PathPlace[]>();
  readonly #answers = new Map<Operation, string>();
  /** Properties by which a kind is asked for somewhere. */
  readonly #wanted = new Map<string, Set<string>>();
  /** Templates that can be read. */
  readonly #shown: ReadonlySet<string>;
  /** Those by which paths name them. */
  readonly #named = new Map<string, Set<string>>();
  readonly #canonical = new Map<string, string>();
  readonly #people: readonly string[];

  constructor(contract: Contract, operations: readonly Operation[]) {
    this.#contract = contract;
    const kinds = new Set<string>();
    for (const operation of operations) {
      for (const { kind } of this.#readPath(operation)) if (kind !== '') kinds.add(kind);
      const last = lastSegment(operation);
      if (last !== '' && !last.includes('{') && isPlural(last)) kinds.add(kindOf(last));
    }
    this.kinds = kinds;
    this.#shown = new Set(operations.filter(({ method }) => method === 'GET').map(({ template }) => template));
    this.#people = PEOPLE.filter((kind) => kinds.has(kind));
    for (const operation of operations) {
      const places = this.#readPath(operation).map((place) => ({ ...place, kind: this.canonical(place.kind) }));
      this.#paths.set(operation, places);
      for (const { kind, property } of places) {
        this.#want(kind, property);
        this.#named.set(kind, (this.#named.get(kind) ?? new Set()).add(property));
      }
    }
    for (const operation of operations) {
      this.#answers.set(operation, this.#readAnswer(operation));
      for (const parameter of operation.parameters) {
        if (parameter.in !== 'query') continue;
        const reference = this.reference(operation, parameter.in, parameter.name, parameter.schema, parameter.required);
        if (reference) this.#want(reference.kind, reference.property);
      }
      for (const [name, schema] of propertiesOf(requestSchema(operation))) {
        const reference = this.reference(operation, 'body', `/${escapeStep(name)}`, schema, false);
        if (reference && !COMMON.has(reference.property)) this.#want(reference.kind, reference.property);
      }
    }
  }

  /** The path's parameters in order, and what they point at. */
  path(operation: Operation): readonly PathPlace[] {
    return this.#paths.get(operation) ?? [];
  }

  /** Kind of the things that an operation answers with; `self` for who calls; '' for none. */
  answers(operation: Operation): string {
    return this.#answers.get(operation) ?? '';
  }

  /** Whether some operation asks for a kind by this property. */
  wants(kind: string, property: string): boolean {
    return this.#wanted.get(kind)?.has(property) === true;
  }

  /** Properties by which a kind is asked for. */
  wanted(kind: string): ReadonlySet<string> {
    return this.#wanted.get(kind) ?? NONE;
  }

  /** Kinds that are people; where none is, empty. */
  get people(): readonly string[] {
    return this.#people;
  }

  /**
   * The kind of the contract that a word means: itself, the longest that it ends with (`billingAddress` is an address),
   * for the parts of persons (`owner`) the kind of its users.
   */
  canonical(kind: string): string {
    if (kind === '' || this.kinds.has(kind)) return kind;
    let known = this.#canonical.get(kind);
    if (known === undefined) {
      known = kind;
      let longest = 2;
      for (const other of this.kinds) {
        if (other.length > longest && kind.endsWith(other)) {
          known = other;
          longest = other.length;
        }
      }
      if (known === kind && PARTS.test(kind) && this.#people[0]) known = this.#people[0];
      if (this.#canonical.size < 5_000) this.#canonical.set(kind, known);
    }
    return known;
  }

  /** What a value points at, by where it stands and how it is called; undefined where it points at nothing. */
  reference(
    operation: Operation,
    place: string,
    name: string,
    schema: SchemaAt | undefined,
    required: boolean,
  ): Reference | undefined {
    if (place === 'path') {
      const found = this.path(operation).find((one) => one.name === name);
      return found && { kind: found.kind, property: found.property, certain: true };
    }
    const word = place === 'body' ? wordOfPointer(name) : name;
    const said = keywordOf(schema, 'x-portcullis-object');
    const naming = namingOf(word);
    if (typeof said === 'string') {
      return { kind: this.canonical(kindOf(said)), property: naming.property || 'id', certain: true };
    }
    const byType = namingOf(schemaName(schema));
    if (byType.certain && byType.kind !== '' && this.kinds.has(this.canonical(byType.kind))) {
      return { kind: this.canonical(byType.kind), property: byType.property, certain: true };
    }
    if (naming.kind !== '') {
      const kind = this.canonical(naming.kind);
      if (naming.property !== '' && (naming.certain || (this.kinds.has(kind) && this.wants(kind, naming.property)))) {
        return { kind, property: naming.property, certain: naming.certain };
      }
      // `patient: 7`: the thing itself, by its identifier
      if (naming.property === '' && this.kinds.has(naming.kind) && isIdentifier(schema)) {
        return { kind: naming.kind, property: 'id', certain: false };
      }
    }
    // `sourceIban`: what the paths of this API name by an IBAN
    const told = DISTINCT.has(naming.property) ? this.#toldBy(naming.property) : undefined;
    if (told !== undefined) return { kind: told, property: naming.property, certain: false };
    if (place !== 'query' && (place !== 'body' || COMMON.has(naming.property) || naming.certain)) return undefined;
    // `GET /documents/download?name=`: a property of what the path is about
    const about = this.#about(operation);
    if (about === '') return undefined;
    if (naming.certain && naming.kind === '') return { kind: about, property: naming.property, certain: true };
    return (required || place === 'body') && naming.kind === '' && naming.property !== ''
      ? { kind: about, property: naming.property, certain: false }
      : undefined;
  }

  /** The only kind that paths name by a property; undefined for none and for several. */
  #toldBy(property: string): string | undefined {
    const kinds = [...this.#named].filter(([, properties]) => properties.has(property));
    return kinds.length === 1 ? kinds[0]![0] : undefined;
  }

  /** The operation and values of a path or URL of this API, as a Location or a link names it; undefined for none. */
  route(url: string, base: URL): { readonly operation: Operation; readonly values: readonly string[] } | undefined {
    let parsed: URL;
    try {
      parsed = new URL(url.slice(0, 4_000), base);
    } catch {
      return undefined;
    }
    if (parsed.host !== base.host && !/^(localhost|127\.|\[::1\])/.test(parsed.host)) return undefined;
    const segments: string[] = [];
    for (const segment of parsed.pathname.slice(1).split('/')) {
      try {
        segments.push(decodeURIComponent(segment));
      } catch {
        return undefined;
      }
    }
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH']) {
      const found = this.#contract.router.match(method, segments);
      if (found && 'operation' in found && this.#paths.has(found.operation)) return found;
    }
    return undefined;
  }

  /** Whether an operation is a deed on the thing of its last path parameter: `POST /orders/{id}/cancel`. */
  isDeed(operation: Operation): boolean {
    const last = lastSegment(operation);
    const places = this.path(operation);
    if (last === '' || last.includes('{') || places.length === 0) return false;
    const [verb = ''] = wordsOf(last);
    // what a GET shows on the same path is a thing of its own
    if (operation.method !== 'POST') return !this.#shown.has(operation.template);
    if (CREATES.test(verb)) return false;
    if (isPlural(last)) return this.answers(operation) === places.at(-1)!.kind;
    if (DEEDS.test(verb)) return true;
    const answered = this.answers(operation);
    // it answers with the thing itself: the thing was changed
    return answered === places.at(-1)!.kind || !this.kinds.has(answered);
  }

  /** Kind of the things that an operation makes; undefined where it makes none. */
  makes(operation: Operation): string | undefined {
    if (operation.method !== 'POST' && operation.method !== 'PUT') return undefined;
    const last = lastSegment(operation);
    if (operation.method === 'PUT') return last.includes('{') ? this.path(operation).at(-1)?.kind : undefined;
    if (last.includes('{') || this.isDeed(operation)) return undefined;
    if (SEARCHES.test(wordsOf(last)[0] ?? '') || SEARCHES.test(deedOf(operation).id[0] ?? '')) return undefined;
    const kind = this.answers(operation);
    if (kind === '' || kind === 'self') return undefined;
    // `POST /cart/items` that answers with a product has made no product, nor has `POST /prescriptions/pickup`
    const about = kindOf(last);
    const same = about === kind || this.canonical(about) === kind || this.#kindOfName(last) === kind;
    return same || CREATES.test(wordsOf(last)[0] ?? '') ? kind : undefined;
  }

  /** Whether the path of some operation names things of a kind by this property. */
  names(kind: string, property: string): boolean {
    return this.#named.get(kind)?.has(property) === true;
  }

  #want(kind: string, property: string): void {
    const known = this.#wanted.get(kind) ?? new Set();
    known.add(property);
    this.#wanted.set(kind, known);
  }

  #readPath(operation: Operation): PathPlace[] {
    const places: PathPlace[] = [];
    const byName = new Map<string, Parameter>();
    for (const parameter of operation.parameters) if (parameter.in === 'path') byName.set(parameter.name, parameter);
    let literal = '';
    let beside = false;
    for (const segment of operation.template.split('/')) {
      const names = [...segment.matchAll(/\{([^{}]{1,200})\}/g)].map((found) => found[1]!);
      if (names.length === 0) {
        beside = segment !== '' && !PREFIX.test(segment);
        if (beside) literal = segment;
        else beside = literal !== '';
        continue;
      }
      for (const name of names) {
        const schema = byName.get(name)?.schema;
        const naming = namingOf(name);
        const said = keywordOf(schema, 'x-portcullis-object');
        const before = literal === '' ? '' : kindOf(literal);
        let kind: string;
        if (typeof said === 'string') kind = kindOf(said);
        else if (beside && isPlural(literal)) kind = before;
        else kind = naming.kind || before;
        places.push({
          place: `path:${name}`,
          name,
          kind,
          property: naming.property || (naming.kind === kind ? 'id' : plain(name)),
          certain: true,
          schema,
        });
      }
      beside = false;
    }
    return places;
  }

  #readAnswer(operation: Operation): string {
    const last = lastSegment(operation);
    const places = this.path(operation);
    if (
      /^(me|whoami|self|myself|userinfo|current-?user|current_user|my-?(account|profile))$/i.test(last) ||
      (/^(profile|account)$/i.test(last) && places.length === 0)
    ) {
      return 'self';
    }
    const bySchema = this.#kindOfSchema(answerSchema(operation));
    if (bySchema !== undefined) return bySchema;
    if (last === '') return '';
    if (last.includes('{')) return places.at(-1)?.kind ?? '';
    const byPath = kindOf(last);
    if (this.kinds.has(byPath)) return byPath;
    const about = this.#about(operation);
    return about || byPath;
  }

  /** The kind that the name of a schema, or of the things in it, tells. */
  #kindOfSchema(at: SchemaAt | undefined): string | undefined {
    if (!at) return undefined;
    const inner = itemsOf(at);
    const candidates = [inner, at];
    if (!inner) for (const property of propertiesOf(at).values()) candidates.push(itemsOf(property));
    for (const one of candidates) {
      const kind = this.#kindOfName(schemaName(one));
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  #kindOfName(name: string): string | undefined {
    let word = wordsOf(name).join('');
    for (let round = 0; round < 4 && word !== ''; round++) {
      if (this.kinds.has(word)) return word;
      const one = singular(word);
      if (this.kinds.has(one)) return one;
      const shorter = word.replace(SHAPES, '').replace(SHAPE_STARTS, '');
      if (shorter === word) return undefined;
      word = shorter;
    }
    return undefined;
  }

  /** What the path of an operation is about: the kind of its last literal that is one. */
  #about(operation: Operation): string {
    const segments = operation.template.split('/').filter((segment) => segment !== '');
    for (let index = segments.length - 1; index >= 0; index--) {
      const segment = segments[index]!;
      if (segment.includes('{')) return this.path(operation).at(-1)?.kind ?? '';
      const kind = kindOf(segment);
      if (this.kinds.has(kind)) return kind;
    }
    return '';
  }
}

const NONE: ReadonlySet<string> = new Set();

/** The last segment of a template that says something; '' for the root. */
export function lastSegment({ template }: Operation): string {
  const segments = template.split('/').filter((segment) => segment !== '');
  while (segments.length > 1 && /^v\d+$/.test(segments.at(-1)!)) segments.pop();
  return segments.at(-1) ?? '';
}

const isPlural = (segment: string): boolean => {
  const last = wordsOf(segment).at(-1) ?? '';
  return (
    singular(last) !== last ||
    /^(staff|news|series|people|children|data|media|equipment|feedback|inventory)$/.test(last)
  );
};

const wordOfPointer = (pointer: string): string => {
  const steps = pointer.split('/').filter((step) => step !== '' && !/^\d+$/.test(step));
  const last = steps.at(-1) ?? '';
  // `/patient/id`
  return /^_?(id|uuid|guid)$/i.test(last) && steps.length > 1 ? `${steps.at(-2)}_${last}` : last;
};

/** A number or a uuid under the name of a thing is its identifier; other texts are not. */
const isIdentifier = (schema: SchemaAt | undefined): boolean =>
  schema !== undefined &&
  keywordOf(schema, 'type') !== undefined &&
  (allowsType(schema, 'integer') || allowsType(schema, 'number') || keywordOf(schema, 'format') === 'uuid');
