import { hash } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Principal } from '../../gateway/principal.ts';
import type { Services } from '../../gateway/services.ts';
import { type Sighting, trim, type UseLedger } from '../../identity/uses.ts';
import { formatDuration } from '../../shared/duration.ts';
import { networkOf } from './network.ts';
import type { UnusualRule, UnusualRules, UnusualSettings } from './settings.ts';
import { softwareOf } from './software.ts';

/** How long the same place of a caller is taken as seen, in ms: what is written later is as late as that. */
const FRESH = 60_000;
/** One event for one thing, whatever the number of workers, in ms. */
const TOLD = 86_400_000;
/** Events of one process in a minute; beyond, they are counted and told in one. */
const MOST_EVENTS = 100;

/** What is to be done with an exchange that looks stolen. */
export interface Suspicion {
  readonly rules: readonly UnusualRule[];
  readonly answer: 'record' | 'step-up' | 'revoke';
  /** Since when, epoch ms: a factor used later settles it. */
  readonly since: number;
}

/** The last sight of a credential: while nothing differs, looking costs two comparisons of texts. */
interface Sight {
  readonly address: string;
  readonly agent: string | undefined;
  readonly until: number;
  readonly suspicion: Suspicion | undefined;
}

/** How far an issuer's clock may be ahead, in ms. */
const SKEW = 5_000;

/** Whether an issuer has made the claims. */
export const isIssued = ({ credential: { scheme } }: Principal): boolean =>
  scheme === 'jwt' || scheme === 'introspection';

const SEVERITY = { record: 0, 'step-up': 1, revoke: 2 } as const;
type Answer = keyof typeof SEVERITY;

/**
 * Notes where and with what credentials are used, and notices what a thief would do: another network, another client, too
 * many networks at once. Habits belong to the caller, not to the credential: a user has a new token every ten minutes.
 */
export class Unusual {
  readonly #rules: UnusualRules | undefined;
  readonly #ledger: UseLedger;
  readonly #services: Pick<Services, 'clock' | 'counters' | 'event' | 'count'>;
  readonly #sights = new WeakMap<Principal, Sight>();
  #minute = 0;
  #events = 0;

  constructor(
    settings: UnusualSettings,
    ledger: UseLedger,
    services: Pick<Services, 'clock' | 'counters' | 'event' | 'count'>,
  ) {
    this.#rules = settings === 'off' ? undefined : settings;
    this.#ledger = ledger;
    this.#services = services;
  }

  /** Looks at one use of a good credential. @returns what is to be done about it; undefined where it is as usual */
  look(exchange: Exchange, principal: Principal): Suspicion | undefined | Promise<Suspicion | undefined> {
    const { address } = exchange.peer;
    const agent = exchange.request.headers['user-agent'];
    const now = this.#services.clock.now();
    const sight = this.#sights.get(principal);
    if (sight !== undefined && sight.address === address && sight.agent === agent && now < sight.until)
      return sight.suspicion;
    return this.#see(exchange, principal, address, agent, now);
  }

  #see(exchange: Exchange, principal: Principal, address: string, agent: string | undefined, now: number) {
    const network = networkOf(address);
    const { scheme, id } = principal.credential;
    if (scheme === 'key') this.#ledger.used(id, { at: now, network });
    const keep = (suspicion: Suspicion | undefined): Suspicion | undefined => {
      // What waits for a factor is looked at each time: the next token may bring it.
      const until = suspicion === undefined ? now + FRESH : now;
      this.#sights.set(principal, { address, agent, until, suspicion });
      return suspicion;
    };
    if (this.#rules === undefined) return keep(undefined);
    const found = this.#judge(principal, network, softwareOf(agent), now, this.#rules);
    if (found.fresh.length === 0) return keep(found.suspicion);
    const firsts = found.fresh.map(({ rule, what }) =>
      this.#services.counters.once(`authentication/unusual/${rule}/${found.caller}/${what}`, TOLD),
    );
    const tell = (mine: readonly boolean[]): Suspicion | undefined => {
      for (const [i, one] of found.fresh.entries()) if (mine[i]) this.#tell(exchange, principal, one);
      return keep(found.suspicion);
    };
    return firsts.some((first) => first instanceof Promise)
      ? Promise.all(firsts).then(tell)
      : tell(firsts as readonly boolean[]);
  }

  #judge(principal: Principal, network: string, software: string, now: number, rules: UnusualRules) {
    const caller = hash('sha256', `${principal.kind} ${principal.id}`, 'base64url').slice(0, 22);
    let habits = this.#ledger.habits(caller);
    const known = habits?.networks.has(network) && habits.software.has(software);
    // Another worker may have learned it.
    if (!known) habits = this.#ledger.habits(caller, true);
    habits ??= { first: now, networks: new Map(), software: new Map(), pace: 0 };
    const learning = now - habits.first < rules.learning;
    const fresh: Fresh[] = [];
    let news = false;
    const seen = (sightings: Map<string, Sighting>, rule: 'network' | 'software', what: string): Sighting => {
      const before = sightings.get(what);
      if (before !== undefined) {
        before.last = Math.max(before.last, now);
        return before;
      }
      news = true;
      const sighting: Sighting = { first: now, last: now };
      // The first of all is where the caller lives, as far as anybody can know.
      const unusual = !learning && sightings.size > 0 && sightings.size < rules.roaming && rules[rule] !== 'off';
      if (unusual) {
        if (rules[rule] === 'step-up') sighting.open = now;
        fresh.push({ rule, what, answer: rules[rule] as Answer, known: sightings.size });
      }
      sightings.set(what, sighting);
      trim(sightings);
      return sighting;
    };
    const here = seen(habits.networks, 'network', network);
    const client = seen(habits.software, 'software', software);
    const pace = [...habits.networks.values()].filter(({ last }) => now - last < rules.within).length;
    let hurried = false;
    if (learning) {
      if (pace > habits.pace) news = true;
      habits.pace = Math.max(habits.pace, pace);
    } else if (rules.pace !== 'off' && pace >= Math.max(rules.networks, Math.min(32, 2 * habits.pace)) && news) {
      hurried = true;
      if (rules.pace === 'step-up') here.open = now;
      fresh.push({ rule: 'pace', what: String(Math.floor(now / rules.within)), answer: rules.pace, known: pace });
    }
    this.#settle(principal, [here, client]);
    this.#ledger.note(caller, habits, news);
    return {
      caller,
      fresh: fresh.map((one) => ({ ...one, network, software })),
      suspicion: suspicionOf(rules, here, client, fresh, hurried),
    };
  }

  /** Whoever has signed in after the place was first seen has shown more than the credential. */
  #settle(principal: Principal, sightings: readonly Sighting[]): void {
    const authenticated = principal.claims['auth_time'];
    // What a key or password comes with was written by the operator, and a time to come says nothing.
    if (!isIssued(principal) || typeof authenticated !== 'number') return;
    if (authenticated * 1000 > this.#services.clock.now() + SKEW) return;
    for (const sighting of sightings)
      if (sighting.open !== undefined && authenticated * 1000 > sighting.open) delete sighting.open;
  }

  #tell(exchange: Exchange, principal: Principal, one: Fresh & { network: string; software: string }): void {
    const { rule, answer, known, network, software } = one;
    const { clock, event, count } = this.#services;
    count('portcullis_unusual_total', { rule, answer });
    const { scheme, id, binding } = principal.credential;
    const evidence = {
      rule,
      answer,
      principal: `${principal.kind}:${principal.id}`,
      scheme,
      credential: id,
      ...(binding === 'none' ? {} : { binding }),
      exchange: exchange.id,
      network,
      software,
      known,
    };
    exchange.note('authenticate', `unusual: ${NOTES[rule]}`, { rule, answer });
    const minute = Math.floor(clock.monotonic() / 60_000);
    if (minute !== this.#minute) {
      const left = this.#events - MOST_EVENTS;
      if (left > 0)
        event({ event: 'authentication/unusual', note: 'more than could be told one by one', evidence: { left } });
      this.#minute = minute;
      this.#events = 0;
    }
    this.#events++;
    if (this.#events <= MOST_EVENTS) event({ event: 'authentication/unusual', note: NOTES[rule], evidence });
  }
}

interface Fresh {
  readonly rule: UnusualRule;
  /** What it is about, so that it is told once. */
  readonly what: string;
  readonly answer: Answer;
  /** How many others are known; for the pace, how many networks it were. */
  readonly known: number;
}

const NOTES: Readonly<Record<UnusualRule, string>> = {
  network: 'a credential is used from a network where its caller was not seen before',
  software: 'a credential is used by client software that its caller was not seen with',
  pace: 'a credential is used from too many networks at once',
};

function suspicionOf(
  rules: UnusualRules,
  here: Sighting,
  client: Sighting,
  fresh: readonly Fresh[],
  hurried: boolean,
): Suspicion | undefined {
  const found = new Map<UnusualRule, Answer>(fresh.map(({ rule, answer }) => [rule, answer]));
  let since = Number.POSITIVE_INFINITY;
  const open = (rule: UnusualRule, sighting: Sighting): void => {
    if (sighting.open === undefined) return;
    since = Math.min(since, sighting.open);
    const answer = rules[rule];
    if (answer !== 'off') found.set(rule, answer);
  };
  open('network', here);
  open('software', client);
  if (hurried || (here.open !== undefined && here.open !== here.first)) open('pace', here);
  if (found.size === 0) return undefined;
  const answer = [...found.values()].reduce((a, b) => (SEVERITY[a] > SEVERITY[b] ? a : b));
  return { rules: [...found.keys()], answer, since: Number.isFinite(since) ? since : here.last };
}

/** For people; undefined where it is off. */
export function unusualText(settings: UnusualSettings): string | undefined {
  if (settings === 'off') return undefined;
  const { network, software, pace, networks, within, learning } = settings;
  const parts = [
    `new network: ${network}`,
    `new software: ${software}`,
    `${networks} networks in ${formatDuration(within)}: ${pace}`,
  ];
  return `${parts.join('; ')}; after ${formatDuration(learning)} of learning`;
}
