import type { Operation } from '../../contract/model.ts';
import { placesOf } from '../calls/places.ts';
import type { Call } from '../model/call.ts';
import type { Outcome } from '../model/check.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Composed, Composer } from './compose.ts';
import type { Ground } from './ground.ts';
import { hintsIn } from './hints.ts';
import type { ScanIdentity } from './identity.ts';
import { messageOf } from './refusal.ts';
import type { Samples } from './samples.ts';
import type { Sender } from './sender.ts';
import { advised, FIRST_TURN, otherThing, type Turn } from './turn.ts';

/** Calls of one operation as one identity. */
const MOST_TRIES = 12;
/** Of one that nobody could call in all those tries: for each further identity. */
const FEW_TRIES = 3;
/** Things tried of which the identity is told that they are not its own, or not there. */
const MOST_REFUSED = 4;
/** Calls in a row, of whatever operation, without any answer. */
const MOST_SILENCE = 12;
/** Calls of one operation without any answer. */
const MOST_MUTE = 3;

export interface Try {
  readonly operation: Operation;
  readonly as: ScanIdentity | undefined;
  readonly wish?: Turn['wish'];
  /** Whether identifiers may be used that the identity was never told of. */
  readonly guess?: boolean;
  /** It is always tried on the same thing: other things are no way out. */
  readonly fixed?: boolean;
  /** May a composed call be sent, and with which body? Absent: as it is. */
  readonly before?: (composed: Composed) => Promise<Call | string>;
}

export interface Tried {
  readonly call: Call | undefined;
  readonly exchange: Exchange | undefined;
  readonly guessed: boolean;
  readonly maker: string | undefined;
  /** Why it did not work; '' where it did. */
  readonly why: string;
}

/** Tries an operation until a call of it works: with other values, other things, more or fewer fields, as errors advise. */
export class Trying {
  readonly #ground: Ground;
  readonly #composer: Composer;
  readonly #sender: Sender;
  readonly #samples: Samples;
  /** Tries of an operation and identity over all rounds. */
  readonly #spent = new Map<string, number>();

  constructor(ground: Ground, composer: Composer, sender: Sender, samples: Samples) {
    this.#ground = ground;
    this.#composer = composer;
    this.#sender = sender;
    this.#samples = samples;
  }

  /** Nobody could call them in as many tries as there are. */
  readonly #hopeless = new Set<Operation>();
  /** How often an operation did not answer at all. */
  readonly #mute = new Map<Operation, number>();
  #silence = 0;

  /** The API answers nothing any more: trying on would only take time. */
  get silent(): boolean {
    return this.#silence >= MOST_SILENCE;
  }

  /** Tries left. */
  left({ operation, as }: Pick<Try, 'operation' | 'as'>): number {
    return MOST_TRIES - (this.#spent.get(this.#key(operation, as)) ?? 0);
  }

  #key = (operation: Operation, as: ScanIdentity | undefined): string => `${operation.key}\n${as?.name ?? ''}`;

  async try(one: Try): Promise<Tried> {
    const { operation, as } = one;
    const key = this.#key(operation, as);
    let turn: Turn = {
      ...FIRST_TURN,
      wish: one.wish ?? 'own-first',
      guess: one.guess ?? false,
      pattern: this.#samples.of(operation).find(({ sample }) => sample.as !== as)?.sample.call,
    };
    let most = Math.min(this.left(one), this.#hopeless.has(operation) ? FEW_TRIES : MOST_TRIES);
    let refused = 0;
    let failed = 0;
    let why = `tried ${MOST_TRIES} times in vain`;
    while (most-- > 0 && !this.#ground.signal.aborted && as?.alive !== false) {
      if (this.silent || (this.#mute.get(operation) ?? 0) >= MOST_MUTE) return nothing('it does not answer');
      const composed = this.#composer.compose(operation, as?.name ?? '', turn);
      if (typeof composed === 'string') return nothing(composed);
      const call = one.before ? await one.before(composed) : composed.call;
      if (typeof call === 'string') return nothing(call);
      const spent = (this.#spent.get(key) ?? 0) + 1;
      this.#spent.set(key, spent);
      if (spent >= MOST_TRIES && this.#samples.of(operation).length === 0) this.#hopeless.add(operation);
      const exchange = await this.#sender.send(call, as);
      const outcome = this.#ground.outcomes.of(exchange);
      if (outcome !== 'none') this.#silence = 0;
      else {
        this.#mute.set(operation, (this.#mute.get(operation) ?? 0) + 1);
        if (++this.#silence === MOST_SILENCE) {
          this.#ground.note(`the API did not answer ${MOST_SILENCE} calls in a row: exploring ends`);
        }
      }
      if (worked(operation, exchange, outcome)) {
        return { call, exchange, guessed: composed.guessed, maker: composed.target?.entry.made?.by, why: '' };
      }
      why = reason(exchange, outcome);
      if (outcome === 'none' && exchange.answer.failure === 'stopped') break;
      const hints = hintsIn(exchange.answer, placesOf(call));
      if (outcome === 'forbidden' || outcome === 'missing') {
        if (one.fixed || ++refused >= MOST_REFUSED) break;
        // what the path names is its own: it is something else that is not there
        const bodyFirst = outcome === 'missing' && composed.target?.guessed === false && refused % 2 === 1;
        const next = otherThing(turn, composed, bodyFirst);
        if (!next) break;
        turn = next;
      } else if (outcome === 'invalid') turn = advised(turn, composed, hints, call);
      else if (outcome === 'error') {
        if (++failed >= 3) break;
        turn = advised(turn, composed, hints, call);
      } else if (outcome !== 'none' || ++failed >= 2) break;
    }
    return nothing(why);
  }
}

const nothing = (why: string): Tried => ({
  call: undefined,
  exchange: undefined,
  guessed: false,
  maker: undefined,
  why,
});

/** A redirect that the contract declares is an answer like any other. */
export const worked = ({ responses }: Operation, { answer }: Exchange, outcome: Outcome): boolean =>
  outcome === 'success' ||
  (outcome === 'redirect' && responses.some(({ status }) => status === String(answer.status) || status === '3XX'));

/** What an answer said, for people. */
function reason({ answer }: Exchange, outcome: Outcome): string {
  if (answer.status === 0) return `no answer (${answer.failure ?? 'nothing came'})`;
  const said = messageOf(answer.json)
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 120)
    .trim();
  return `${answer.status} ${outcome}${said === '' ? '' : `: ${said}`}`;
}
