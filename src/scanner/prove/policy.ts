import { demandsOf } from '../../authentication/demands.ts';
import { placeId } from '../../authentication/places.ts';
import { claimSteps } from '../../authorization/claim.ts';
import { compileDemands } from '../../authorization/demand.ts';
import { grantedRoles } from '../../authorization/grant.ts';
import { ownerRules } from '../../authorization/settings.ts';
import type { Configuration, RoomSettings } from '../../config/configuration.ts';
import { Layers } from '../../config/layers.ts';
import type { Contract, Operation } from '../../contract/model.ts';
import { ROOMS } from '../../gateway/rooms.ts';
import type { Practice } from '../model/finding.ts';

/** What an owner rule compares with: a claim that a caller must have. */
export interface ClaimDemand {
  /** As the rule names it: `patientId`, `patient.id`, `/a/b`. */
  readonly equals: string;
  readonly steps: readonly string[];
  /** Values that the contract itself gives for it: its examples, or the first numbers where it is one. */
  readonly values: readonly (string | number)[];
}

/** A part of a practice that the configuration has switched off, or made to report only. */
export interface SwitchedOff {
  readonly practice: Practice;
  readonly what: string;
  /** Operations for which it holds. */
  readonly count: number;
}

/** What the gate's policy says of callers, operation by operation. */
export interface CallerPolicy {
  /** In order of name. */
  readonly roles: readonly string[];
  /** Roles that may call an operation, by its key; absent: whoever is known, or anyone. */
  readonly grants: ReadonlyMap<string, readonly string[]>;
  /** Roles that an owner rule binds, with the claims it compares with. `undefined` stands for every caller without a role. */
  readonly bound: ReadonlyMap<string | undefined, ReadonlySet<string>>;
  readonly claims: ReadonlyMap<string, ClaimDemand>;
  /** Keys of operations with a rule that binds the role to its own objects. */
  readonly owned: ReadonlyMap<string, ReadonlySet<string>>;
  /** Scopes that operations demand, by role that may call them; under `undefined`: where scopes alone permit. */
  readonly scopes: ReadonlyMap<string | undefined, ReadonlySet<string>>;
  /** Keys of operations that take a key of the gate, as `Authorization: Bearer` or in a place of the contract. */
  readonly takesKeys: ReadonlySet<string>;
  /** A key is sent as a bearer token: no operation has a place of its own for keys. */
  readonly asBearer: boolean;
  /** Operations that a key reaches in another place only than the one it is sent in, or not at all: they are tried as a stranger. */
  readonly unreached: { readonly elsewhere: number; readonly never: number };
  readonly switchedOff: readonly SwitchedOff[];
  readonly operations: number;
}

/** Places where a key of the gate may stand although nobody says so. */
const BEARER = 'authorization bearer';
/** Values of one claim that are taken from a contract. */
const MOST_VALUES = 8;

type Settings = RoomSettings[keyof RoomSettings];

/** Reads from a configuration and its contract who may call what, whose objects are whose, and what is not in force. */
export function callerPolicy(configuration: Configuration, contract: Contract): CallerPolicy {
  const layers = new Layers(configuration);
  const roles = new Set(Object.keys(configuration.authorization.roles));
  const grants = new Map<string, readonly string[]>();
  const bound = new Map<string | undefined, Set<string>>();
  const claims = new Map<string, ClaimDemand>();
  const owned = new Map<string, Set<string>>();
  const scopes = new Map<string | undefined, Set<string>>();
  const takesKeys = new Set<string>();
  const off = new Map<string, { practice: Practice; what: string; count: number }>();
  const places: { readonly own: boolean; readonly bearer: boolean }[] = [];
  let never = 0;

  for (const operation of contract.operations) {
    const of = <Name extends keyof RoomSettings>(name: Name): RoomSettings[Name] =>
      layers.resolve(ROOMS[name] as never, operation).settings as Settings as RoomSettings[Name];
    const { access } = of('authentication');
    const authorization = of('authorization');
    const demands = demandsOf(access, operation);
    const key = demands.places.filter(({ schemes, implicit }) => schemes.has('key') && !implicit);
    const open = access === 'none' || demands.anonymous;
    if (key.length > 0) takesKeys.add(operation.key);
    if (!open && key.length === 0) never++;
    if (!open && key.length > 0) {
      const ids = key.map(({ place }) => placeId(place));
      places.push({ own: ids.some((id) => id !== BEARER), bearer: ids.includes(BEARER) });
    }

    const granted = [...grantedRoles(authorization, operation)].sort();
    for (const role of granted) roles.add(role);
    const anyone = authorization.default === 'authenticated' && authorization.allow.length === 0;
    if (!open && !anyone && granted.length > 0) grants.set(operation.key, granted);
    const wanted = new Set(
      compileDemands(operation).otherwise.flatMap((demand) => [...demand.scopes, ...demand.names]),
    );
    for (const role of granted.length > 0 ? granted : [undefined])
      for (const scope of wanted) into(scopes, role).add(scope);

    for (const rule of ownerRules(authorization)) {
      for (const role of rule.unless) roles.add(role);
      const bind = granted.length > 0 ? granted.filter((role) => !rule.unless.includes(role)) : [undefined];
      for (const role of bind) {
        into(bound, role).add(rule.equals);
        if (role !== undefined) into(owned, operation.key).add(role);
      }
      learn(claims, rule.equals, valuesIn(operation, rule));
    }
    for (const [practice, what] of weakened(of)) {
      const id = `${practice} ${what}`;
      const known = off.get(id) ?? { practice, what, count: 0 };
      known.count++;
      off.set(id, known);
    }
  }
  if (configuration.listen.transport === 'plain')
    off.set('plain', { practice: 'encrypt', what: 'the gate listens without TLS', count: contract.operations.length });
  const asBearer = !places.some(({ own }) => own);
  return {
    roles: [...roles].sort(),
    grants,
    bound,
    claims,
    owned,
    scopes,
    takesKeys,
    asBearer,
    unreached: { elsewhere: places.filter(({ own, bearer }) => (asBearer ? !bearer : !own)).length, never },
    switchedOff: [...off.values()],
    operations: contract.operations.length,
  };
}

function into<Key>(map: Map<Key, Set<string>>, key: Key): Set<string> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}

function learn(claims: Map<string, ClaimDemand>, equals: string, values: readonly (string | number)[]): void {
  const steps = claimSteps(equals);
  // `id` is the caller's own id, which it has anyway.
  if (steps === undefined) return;
  const before = claims.get(equals)?.values ?? [];
  claims.set(equals, { equals, steps, values: [...new Set([...before, ...values])].slice(0, MOST_VALUES) });
}

/** What a contract tells of the values that an owner rule compares: examples first, then the smallest numbers. */
function valuesIn(
  operation: Operation,
  rule: {
    readonly path?: string | undefined;
    readonly query?: string | undefined;
    readonly header?: string | undefined;
  },
): (string | number)[] {
  const place = (['path', 'query', 'header'] as const).find((where) => rule[where] !== undefined);
  if (place === undefined) return [];
  const parameter = operation.parameters.find(({ in: where, name }) => where === place && name === rule[place]);
  const at = parameter?.schema;
  let schema: unknown = at?.schema;
  if (at !== undefined && isRecord(schema) && typeof schema['$ref'] === 'string')
    schema = at.documents.resolve(schema['$ref'], at.uri)?.value;
  if (!isRecord(schema)) return [];
  const { type, example, examples, default: standard, enum: list, minimum } = schema;
  const given = [example, ...(Array.isArray(examples) ? examples : []), standard, ...(Array.isArray(list) ? list : [])];
  const found = given.filter((value) => typeof value === 'string' || Number.isSafeInteger(value)) as (
    | string
    | number
  )[];
  const whole = type === 'integer' || (Array.isArray(type) && type.includes('integer'));
  if (!whole) return found;
  const first = typeof minimum === 'number' && minimum > 1 ? Math.ceil(minimum) : 1;
  return [...found, first, first + 1, first + 2];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What of the practices is not in force for an operation. */
function* weakened(
  of: <Name extends keyof RoomSettings>(name: Name) => RoomSettings[Name],
): Generator<readonly [Practice, string]> {
  if (of('authentication').access === 'none') {
    yield ['authenticate', 'authentication is off'];
    yield ['authorize', 'authentication is off, so nobody needs a role'];
  } else if (of('authorization').default === 'authenticated' && of('authorization').allow.length === 0)
    yield ['authorize', 'every identified caller may call (authorization.default)'];
  if (of('validation').enforce === 'report') yield ['validate', 'validation only reports'];
  const { mode } = of('detection');
  if (mode !== 'enforce') yield ['validate', mode === 'off' ? 'detection is off' : 'detection only reports'];
  const disclosure = of('disclosure').mode;
  if (disclosure === 'off' || disclosure === 'report')
    yield ['necessary-only', disclosure === 'off' ? 'disclosure is off' : 'disclosure only reports'];
  const { address, principal } = of('throttling');
  if (address === 'off' && principal === 'off') yield ['throttle', 'no rate holds'];
}
