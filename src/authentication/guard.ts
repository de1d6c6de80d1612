import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Services } from '../gateway/services.ts';
import { enter, takeDeeds } from '../identity/journal.ts';
import { isEnding } from '../identity/key-expiry.ts';
import { listKeys, revokeKey } from '../identity/keys.ts';
import { type RevocableToken, Revocations, revoke } from '../identity/revocations.ts';
import { UseLedger, usesFile } from '../identity/uses.ts';
import { LoadError } from '../shared/finding.ts';
import { Failed, type Verified } from './outcome.ts';
import type { AuthenticationSettings } from './settings.ts';
import { isIssued, type Suspicion, Unusual } from './unusual/unusual.ts';

/** Between two looks for what others did beside the gate, in ms. */
const LOOK_INTERVAL = 250;
const DAY = 86_400_000;
const BY = 'gate';

/** What lives longer than a plan: one of each in a process. */
interface Kept {
  readonly revocations: Revocations;
  readonly ledger: UseLedger;
  close(): void;
}

/**
 * What is asked of every credential once it is known to be good: whether it was revoked since it was issued, and whether
 * it is used where and as its holder uses it.
 */
export class Guard {
  readonly #services: Services;
  readonly #revocations: Revocations;
  readonly #unusual: Unusual;
  /** Under which state of the revocations a caller was last found free of them. */
  readonly #cleared = new WeakMap<Principal, number>();

  constructor(settings: Pick<AuthenticationSettings, 'unusual'>, services: Services) {
    this.#services = services;
    const { revocations, ledger } = services.keep('authentication/guard', () => open(services));
    this.#revocations = revocations;
    this.#unusual = new Unusual(settings.unusual, ledger, services);
  }

  /** @returns why a credential is not to be accepted although it is good; undefined where it is */
  admit(exchange: Exchange, all: readonly Verified[]): Failed | undefined | Promise<Failed | undefined> {
    let waiting: Promise<Failed | undefined> | undefined;
    for (const { principal } of all) {
      const revoked = this.#revoked(principal);
      if (revoked !== undefined) return revoked;
      const suspicion = this.#unusual.look(exchange, principal);
      if (suspicion === undefined) continue;
      if (suspicion instanceof Promise) {
        const before = waiting;
        waiting = suspicion.then(async (found) => (await before) ?? this.#answer(exchange, principal, found));
      } else {
        const failed = this.#answer(exchange, principal, suspicion);
        if (failed !== undefined) return failed;
      }
    }
    return waiting;
  }

  #revoked(principal: Principal): Failed | undefined {
    const { sequence } = this.#revocations;
    if (this.#revocations.size === 0 || this.#cleared.get(principal) === sequence) return undefined;
    const found = this.#revocations.find(revocableOf(principal));
    if (found === undefined) {
      this.#cleared.set(principal, sequence);
      return undefined;
    }
    const reason = `revoked (${found.kind}): ${found.reason}`;
    return new Failed(reason, { counts: false, credential: principal.credential.id });
  }

  #answer(exchange: Exchange, principal: Principal, suspicion: Suspicion | undefined): Failed | undefined {
    if (suspicion === undefined || suspicion.answer === 'record') return undefined;
    if (suspicion.answer === 'step-up') {
      exchange.unusual = { rules: suspicion.rules, since: suspicion.since };
      return undefined;
    }
    const { store, clock } = this.#services;
    const { scheme, id } = principal.credential;
    const reason = `used in an unusual way (${suspicion.rules.join(', ')})`;
    if (scheme === 'key') {
      revokeKey(store, clock, id);
      const deed = {
        event: 'identity/key-revoked',
        note: `key ${id} revoked: ${reason}`,
        evidence: { key: id, reason },
      };
      enter(store, clock, deed, BY);
    } else {
      const { grant } = revocableOf(principal);
      // What does not end by itself must not come back when its revocation is forgotten.
      const lasting = scheme === 'basic' || scheme === 'certificate' ? { until: Number.MAX_SAFE_INTEGER } : {};
      revoke(store, clock, { kind: 'token', subject: id, reason, by: BY, ...lasting });
      if (grant !== undefined) revoke(store, clock, { kind: 'grant', subject: grant, reason, by: BY });
    }
    return new Failed(`revoked: ${reason}`, { counts: false, credential: id });
  }
}

const NONE: Principal['claims'] = Object.freeze({});

/** What of a caller a revocation may name. */
export function revocableOf(principal: Principal): RevocableToken {
  const { id, credential } = principal;
  const claims = isIssued(principal) ? principal.claims : NONE;
  // An issuer has no `|` in its name.
  const bar = id.indexOf('|');
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const issuedAt = claims['iat'];
  return {
    issuer: bar === -1 ? (text(claims['iss']) ?? '') : id.slice(0, bar),
    token: credential.id,
    grant: text(claims['grant_id']) ?? text(claims['sid']),
    client: text(claims['client_id']) ?? text(claims['azp']),
    user: id.slice(bar + 1),
    issuedAt:
      credential.issued !== undefined
        ? credential.issued / 1000
        : typeof issuedAt === 'number' && Number.isFinite(issuedAt)
          ? issuedAt
          : undefined,
  };
}

/** @throws LoadError where the file cannot be used */
function openLedger(dataDirectory: string, clock: Services['clock'], event: Services['event']): UseLedger {
  const file = usesFile(dataDirectory);
  try {
    return new UseLedger(file, clock, (reason) =>
      event({ event: 'authentication/uses-unsaved', note: 'last uses cannot be written', evidence: { reason } }),
    );
  } catch (cause) {
    throw new LoadError([
      {
        rule: 'authentication/uses-file',
        severity: 'error',
        message: `${file}: the file of last uses cannot be used: ${(cause as Error).message}`,
        mend: 'make it readable and writable for this user; if it is damaged, move it away: what is usual is learned anew then',
      },
    ]);
  }
}

function open(services: Services): Kept {
  const { store, clock, counters, event, dataDirectory } = services;
  const ledger = openLedger(dataDirectory, clock, event);
  let version = Number.NaN;
  let warned = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    const now = store.version();
    if (now !== version) {
      version = now;
      for (const deed of takeDeeds(store)) event(deed);
    }
    if (clock.monotonic() - warned < DAY) return;
    warned = clock.monotonic();
    const ending = listKeys(store, clock).filter((key) => isEnding(key, clock.now()));
    if (ending.length === 0 || !(await counters.once('authentication/keys-ending', DAY / 2))) return;
    const keys = ending.slice(0, 50).map(({ id, expires, note }) => ({ id, expires: iso(expires as number), note }));
    event({
      event: 'authentication/keys-ending',
      note: `${ending.length} keys end soon, without a successor`,
      evidence: { keys },
    });
  };
  // The store may be away for a moment: what was not taken is taken at the next look.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_INTERVAL);
  timer.unref();
  return {
    revocations: services.keep('identity/revocations', () => new Revocations(store)),
    ledger,
    close: () => {
      clearInterval(timer);
      ledger.close();
    },
  };
}

const iso = (time: number): string => new Date(time).toISOString();
