import type { Client, Exchange, ScanAnswer } from '../model/exchange.ts';
import type { Credentials } from '../model/identity.ts';
import { signatureOf } from '../state/outcome.ts';
import { isIdentifier } from './ids.ts';
import { pathOf } from './sighting.ts';

export const NOBODY: Credentials = { headers: [], query: [], cookies: [] };

/** What is answered where nothing is, below one path. */
export interface Control {
  /** Whether an answer says no more than what is said for paths that are not there. */
  alike(segments: readonly string[], answer: ScanAnswer): boolean;
  /** Whether what stands below is a parameter: nonsense is answered there otherwise than one level deeper. */
  readonly parameter: boolean;
  /** Status for a word that names nothing; 0 where nothing was answered. */
  readonly status: number;
  /** `Allow` of OPTIONS for a path that is not there: where that says something, it says nothing. */
  allow(): Promise<string>;
}

/** Sends the requests of discovery, within a number of them, and knows how an answer that means nothing looks. */
export class Asking {
  readonly #client: Client;
  readonly #nonce: string;
  readonly #most: number;
  readonly #signal: AbortSignal;
  readonly #controls = new Map<string, Promise<Control>>();
  #sent = 0;
  /** Sent with what asks whether something is there, where nothing at all answers without. */
  standing: Credentials = NOBODY;

  /** @param nonce names what cannot be there: the same for the same seed */
  constructor(client: Client, most: number, nonce: string, signal: AbortSignal) {
    this.#client = client;
    this.#most = most;
    this.#nonce = nonce;
    this.#signal = signal;
  }

  get sent(): number {
    return this.#sent;
  }

  get left(): number {
    return this.#signal.aborted ? 0 : this.#most - this.#sent;
  }

  /** The client for those who send by themselves: their requests count. */
  get client(): Client {
    return {
      send: (request, options) => {
        this.#sent++;
        return this.#client.send(request, options);
      },
      raw: (message, options) => {
        this.#sent++;
        return this.#client.raw(message, options);
      },
    };
  }

  /** @returns undefined where no more may be sent */
  async ask(
    method: string,
    target: string,
    as: Credentials = this.standing,
    body?: { readonly type: string; readonly text: string },
  ): Promise<Exchange | undefined> {
    if (this.left <= 0) return undefined;
    this.#sent++;
    const query = as.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
    const headers: (readonly [string, string])[] = [['Accept', 'application/json, */*;q=0.8'], ...as.headers];
    if (as.cookies.length > 0)
      headers.push(['Cookie', as.cookies.map(([name, value]) => `${name}=${value}`).join('; ')]);
    if (body) headers.push(['Content-Type', body.type]);
    return await this.#client.send(
      {
        method,
        target: query === '' ? target : `${target}${target.includes('?') ? '&' : '?'}${query}`,
        headers,
        ...(body ? { body: body.text } : {}),
      },
      { check: '' },
    );
  }

  /** What was answered to somebody else says nothing any more. */
  forget(): void {
    this.#controls.clear();
  }

  /** What is answered below a path for names of nothing. Asked once. */
  control(parent: readonly string[]): Promise<Control> {
    const key = pathOf(parent);
    let known = this.#controls.get(key);
    if (!known) this.#controls.set(key, (known = this.#look(parent)));
    return known;
  }

  /** Names of nothing: a word, and a number that no list reaches. */
  async #look(parent: readonly string[]): Promise<Control> {
    const word = [...parent, `zq${this.#nonce}`];
    const number = [...parent, '987654321'];
    const deeper = [...word, `qz${this.#nonce}`];
    const [byWord, byNumber, below] = [await this.#get(word), await this.#get(number), await this.#get(deeper)];
    let allow: Promise<string> | undefined;
    const faces = [faceOf(word, byWord), faceOf(number, byNumber)];
    const nothing = faceOf(deeper, below);
    const loose = faces[0] !== faces[1] && kindOfFace(faces[0]) === kindOfFace(faces[1]);
    return {
      alike: (segments, answer) => {
        const face = faceOf(segments, answer);
        return faces.includes(face) || face === nothing || (loose && kindOfFace(face) === kindOfFace(faces[0]));
      },
      parameter:
        !loose &&
        byWord !== undefined &&
        below !== undefined &&
        faces.some((face) => face !== '' && face !== nothing) &&
        !(byWord.status >= 300 && byWord.status < 400),
      status: byWord?.status ?? 0,
      allow: () => {
        allow ??= this.ask('OPTIONS', pathOf(deeper)).then((exchange) => exchange?.answer.headers.get('allow') ?? '');
        return allow;
      },
    };
  }

  /** Whether a path is answered the same when the collection it stands below is nonsense: a pattern, and no place. */
  async isPattern(path: readonly string[], answer: ScanAnswer): Promise<boolean> {
    const at = path.findLastIndex((segment, index) => index < path.length - 1 && !isIdentifier(segment));
    if (at === -1) return false;
    const nowhere = path.map((segment, index) => (index === at ? `zq${this.#nonce}` : segment));
    const control = await this.#get(nowhere);
    return control !== undefined && faceOf(path, answer) === faceOf(nowhere, control);
  }

  async #get(segments: readonly string[]): Promise<ScanAnswer | undefined> {
    return (await this.ask('GET', pathOf(segments)))?.answer;
  }
}

/** What an answer says, without the path that it may repeat and without numbers, ids and times. */
function faceOf(segments: readonly string[], answer: ScanAnswer | undefined): string {
  if (answer === undefined || answer.status === 0) return '';
  let text = answer.text.slice(0, 8_192).replaceAll(pathOf(segments), '');
  for (const segment of segments.slice(-2)) if (segment.length >= 3) text = text.replaceAll(segment, '');
  return `${answer.status} ${answer.mediaType}\n${signatureOf(text)}`;
}

const kindOfFace = (face: string | undefined): string => (face ?? '').split('\n', 1)[0] as string;
