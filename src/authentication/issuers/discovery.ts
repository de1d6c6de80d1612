import { hash } from 'node:crypto';
import type { Services } from '../../gateway/services.ts';
import { OutboundError } from '../../outbound/outbound.ts';
import type { KeySource } from '../jwt/key-set.ts';
import { fetchKeySet } from '../jwt/key-source.ts';
import { Fresh, Told } from './fresh.ts';
import { MAX_METADATA, type Metadata, metadataUrls, readMetadata, trustOf } from './metadata.ts';
import type { IssuerSettings } from './settings.ts';

/** Milliseconds for one document. */
const TIMEOUT = 5_000;
/** Milliseconds for which metadata is taken as fresh: it changes once in years, but then all at once. */
const REFRESH = 3_600_000;
/** Answers after which the next place is tried: nothing is there, or nothing for us. */
const NOT_THERE = new Set([400, 401, 403, 404, 405, 406, 410]);

/** Finds out where an issuer has its keys and its introspection endpoint, and keeps that fresh. */
export class Discovery {
  readonly fresh: Fresh;
  readonly #issuer: string;
  readonly #urls: readonly string[];
  readonly #named: readonly (string | undefined)[];
  readonly #ca: string | undefined;
  readonly #services: Pick<Services, 'outbound' | 'clock' | 'event'>;
  #metadata: Metadata | undefined = undefined;
  #problem = 'nothing was asked yet';

  constructor(
    { issuer, metadata }: Pick<IssuerSettings, 'issuer' | 'metadata'>,
    services: Pick<Services, 'outbound' | 'clock' | 'event'>,
    ca?: string,
  ) {
    this.#ca = ca;
    this.#issuer = issuer;
    this.#urls = metadata === undefined ? metadataUrls(issuer) : [metadata];
    this.#named = [metadata ?? issuer, issuer];
    this.#services = services;
    const { clock, event } = services;
    this.fresh = new Fresh({
      refresh: REFRESH,
      clock,
      load: async () => {
        this.#metadata = await this.#find();
      },
      failed: ({ message }) => {
        this.#problem = message;
        const evidence = { issuer, problem: message, known: this.#metadata !== undefined };
        event({ event: 'authentication/issuer', note: 'the metadata of an issuer cannot be had', evidence });
      },
      back: () =>
        event({ event: 'authentication/issuer', note: 'an issuer can be reached again', evidence: { issuer } }),
    });
  }

  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** Why there is no metadata. */
  get problem(): string {
    return this.#problem;
  }

  /** Of a URL that the metadata or the operator names. */
  trust(url: string) {
    return trustOf(url, this.#named, this.#ca);
  }

  rest(): void {
    this.fresh.rest();
  }

  close(): void {
    this.fresh.rest();
  }

  /** The key set that the metadata names; a set that cannot be had makes the metadata doubtful. */
  keySource(refresh: number): KeySource {
    return {
      name: `the key set of ${this.#issuer}`,
      refresh,
      load: async () => {
        await this.fresh.renew();
        if (this.#metadata === undefined) throw new Told(this.#problem);
        const { jwks, url } = this.#metadata;
        if (jwks === undefined) {
          this.fresh.doubt();
          throw new Error(`${url} names no jwks_uri: name the key set yourself (jwks)`);
        }
        try {
          return await fetchKeySet(jwks, this.#services.outbound, this.trust(jwks));
        } catch (error) {
          this.fresh.doubt();
          throw error;
        }
      },
    };
  }

  async #find(): Promise<Metadata> {
    const problems: string[] = [];
    for (const url of this.#urls) {
      const found = await this.#ask(url);
      if (typeof found !== 'string') return found;
      problems.push(found);
    }
    throw new Error(problems.join('; '));
  }

  /** @returns why the next place is worth a try; throws where it is not */
  async #ask(url: string): Promise<Metadata | string> {
    let body: Buffer;
    try {
      const options = { accept: 'application/json', maxBytes: MAX_METADATA, timeout: TIMEOUT, ...this.trust(url) };
      const answer = await this.#services.outbound.fetch(url, options);
      if (answer.mediaType === 'text/html') return `${url}: a page, not metadata`;
      body = answer.body;
    } catch (error) {
      const { status } = error as OutboundError;
      if (error instanceof OutboundError && status !== undefined && NOT_THERE.has(status)) return error.message;
      throw error;
    }
    const metadata = readMetadata(body, this.#issuer, url);
    if (typeof metadata === 'string') throw new Error(`${url}: ${metadata}`);
    return metadata;
  }
}

/** One for all plans that ask the same issuer in the same way. */
export function openDiscovery(settings: IssuerSettings, services: Services, ca: string | undefined): Discovery {
  const how = [settings.issuer, settings.metadata ?? null, ca ?? null];
  const id = hash('sha256', JSON.stringify(how), 'base64url');
  return services.keep(`authentication/discovery ${id}`, () => new Discovery(settings, services, ca));
}
