import { createHash } from 'node:crypto';
import type { CheckInfo } from '../model/check.ts';
import type { Exchange } from '../model/exchange.ts';
import { type Candidate, type Proof, SEVERITIES, type Severity } from '../model/finding.ts';
import type { ScanFinding } from '../model/report.ts';
import { contractPlace } from '../report/contract-place.ts';

/** Places listed in a finding; more are counted only. */
const PLACES = 200;

interface Folded {
  readonly check: CheckInfo;
  readonly cause: string;
  readonly places: Map<string, ScanFinding['places'][number]>;
  /** The place that message and proof are of. */
  told: string;
  severity: Severity;
  message: string;
  proof: Proof;
}

export interface FindingsOptions {
  /** Takes secrets out of an exchange. */
  mask(exchange: Exchange): Exchange;
  maskText(text: string): string;
  curl(exchange: Exchange): string;
  accepted(fingerprint: string): string | undefined;
}

/** The confirmed findings of a scan, one for each cause. */
export class Findings {
  readonly #options: FindingsOptions;
  readonly #folded = new Map<string, Folded>();

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#folded.size;
  }

  /** Whether this very place of this cause stands already. */
  has(check: CheckInfo, candidate: Candidate): boolean {
    const folded = this.#folded.get(keyOf(check, candidate));
    return folded?.places.has(placeOf(candidate)) === true || (folded?.places.size ?? 0) >= PLACES;
  }

  /** Whether a check has a finding that shows at an operation. */
  at(check: string, operation: string): boolean {
    for (const folded of this.#folded.values()) {
      if (folded.check.id !== check) continue;
      for (const place of folded.places.values()) if (place.operation === operation) return true;
    }
    return false;
  }

  /** @returns the finding where its cause is new. */
  add(check: CheckInfo, candidate: Candidate, proof: Proof): ScanFinding | undefined {
    const key = keyOf(check, candidate);
    const severity = candidate.severity ?? check.severity;
    const message = this.#options.maskText(candidate.message);
    const { operation } = candidate;
    const at = operation && contractPlace(operation, candidate.place);
    const place = { operation: operation?.key, place: candidate.place, message, ...(at ? { at } : {}) };
    const known = this.#folded.get(key);
    if (known) {
      known.places.set(placeOf(candidate), place);
      // The worst place is told, and of equals the first by name: whichever was found first.
      const worse = SEVERITIES.indexOf(severity) - SEVERITIES.indexOf(known.severity);
      if (worse < 0 || (worse === 0 && placeOf(candidate) < known.told)) {
        Object.assign(known, { severity, message, proof: this.#masked(proof), told: placeOf(candidate) });
      }
      return undefined;
    }
    const places = new Map([[placeOf(candidate), place]]);
    const folded: Folded = {
      check,
      cause: causeOf(candidate),
      places,
      told: placeOf(candidate),
      severity,
      message,
      proof: this.#masked(proof),
    };
    this.#folded.set(key, folded);
    return this.#finding(folded);
  }

  /** By severity, then check, then first place: the same order in every run. */
  all(): ScanFinding[] {
    return [...this.#folded.values()]
      .map((folded) => this.#finding(folded))
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          compare(a.check.id, b.check.id) ||
          compare(a.fingerprint, b.fingerprint),
      );
  }

  #masked(proof: Proof): Proof {
    const { mask, maskText } = this.#options;
    return { exchanges: proof.exchanges.map(mask), marks: proof.marks.map(maskText) };
  }

  #finding({ check, cause, places, severity, message, proof }: Folded): ScanFinding {
    const fingerprint = createHash('sha256').update(`${check.id}\n${cause}`).digest('hex').slice(0, 16);
    const reason = this.#options.accepted(fingerprint);
    return {
      check,
      severity,
      message,
      fingerprint,
      places: [...places].sort(([a], [b]) => compare(a, b)).map(([, place]) => place),
      exchanges: proof.exchanges,
      marks: proof.marks,
      curl: proof.exchanges.map(this.#options.curl),
      accepted: reason === undefined ? undefined : { reason },
    };
  }
}

const placeOf = ({ operation, place }: Candidate): string => `${operation?.key ?? ''} ${place ?? ''}`;
const causeOf = (candidate: Candidate): string => candidate.cause ?? placeOf(candidate);
const keyOf = (check: CheckInfo, candidate: Candidate): string => `${check.id}\n${causeOf(candidate)}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
