/** A call to a bait. */
export interface BaitCall {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** Names lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The beginning of the body. */
  readonly body: string;
}

/** A URL of the scanner's own. Whoever calls it was made to: nobody can guess it. */
export interface Bait {
  readonly url: string;
  /** Whether it was called, whatever stood behind its path. */
  called(): boolean;
  /** The first calls. */
  readonly requests: readonly BaitCall[];
  /** Text that its answer holds and that nobody else knows: where it turns up, the answer was read. */
  readonly marker: string;
  /** For `redirect`: the bait it sends its callers to; called only by who follows. */
  readonly target: Bait | undefined;
}

export interface BaitOptions {
  /** Answers with a redirect to a second bait (`target`): for third parties' redirects. Default: answers 200. */
  readonly redirect?: 301 | 302 | 307 | 308 | undefined;
  /** What it answers, `MARKER` replaced by its marker. Default: a small JSON object with the marker in it. */
  readonly body?: string | undefined;
  /** Default `application/json`. */
  readonly type?: string | undefined;
}
