import { join } from 'node:path';
import type { Services } from '../../src/gateway/services.ts';
import { enrolPasskey, offerPasskey } from '../../src/identity/factors/passkey-enrol.ts';
import { editFactors } from '../../src/identity/factors/records.ts';
import { makeRecoveryCodes } from '../../src/identity/factors/recovery.ts';
import { SoftAuthenticator } from '../../src/identity/factors/testing.ts';
import { confirmTotp, offerTotp } from '../../src/identity/factors/totp.ts';
import { codeOf, stepAt } from '../../src/identity/factors/totp-code.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/storage/memory-counters.ts';
import type { Store } from '../../src/storage/store.ts';
import type { Page } from './browser.ts';
import type { IdentityUnderTest } from './identity.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The bytes of a secret as an app reads it. */
export function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** An authenticator app with one entry. */
export class App {
  readonly secret: Buffer;
  constructor(secret: string) {
    this.secret = bytesOf(secret);
  }
  /** @param offset in steps of 30 s */
  code(offset = 0): string {
    return codeOf(this.secret, stepAt(Date.now()) + offset, 'SHA1');
  }
}

type Person = { readonly id: string; readonly name: string };

/** Enrols factors beside the running gate, as its pages do. */
export function factorsOf(world: IdentityUnderTest) {
  const surroundings = (store: Store): Services => ({
    store,
    counters: createCounters({ clock: systemClock }),
    outbound: { fetch: () => Promise.reject(new Error('nothing is fetched')) },
    clock: systemClock,
    dataDirectory: join(world.gate.directory, 'data'),
    baseDirectory: world.gate.directory,
    event: () => {},
    count: () => {},
    keep: (_, make) => make(),
  });
  const unspent = (store: Store, { id }: Person): void =>
    editFactors(store, id, (now) => ({
      factors: { ...now, factors: now.factors.map((one) => (one.kind === 'totp' ? { ...one, lastStep: 0 } : one)) },
      result: undefined,
    }));
  return {
    app: (person: Person): Promise<App> =>
      world.store(async (store) => {
        const services = surroundings(store);
        const app = new App(offerTotp(services, person.id, 'SHA1').secret);
        const problem = await confirmTotp(services, person, app.code());
        if (problem !== undefined) throw new Error(problem);
        unspent(store, person);
        return app;
      }),
    /** What waiting for half a minute does. */
    unspent: (person: Person): void => world.store((store) => unspent(store, person)),
    codes: (person: Person): string[] => world.store((store) => makeRecoveryCodes(surroundings(store), person) ?? []),
    passkey: (person: Person): Promise<SoftAuthenticator> =>
      world.store(async (store) => {
        const authenticator = new SoftAuthenticator(world.issuer);
        const services = surroundings(store);
        const options = offerPasskey(services, person, world.issuer, 'Clinic');
        const answer = authenticator.create(options as Parameters<SoftAuthenticator['create']>[0]);
        const problem = await enrolPasskey(services, person, world.issuer, answer, 'Laptop');
        if (problem !== undefined) throw new Error(problem);
        return authenticator;
      }),
  };
}

/** The options that a page has for its script. */
export function optionsOn<T>(page: Page): T {
  const written = /data-options="([^"]*)"/.exec(page.text)?.[1];
  if (written === undefined) throw new Error(`no passkey is asked for (${page.status}):\n${page.text}`);
  return JSON.parse(written.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')) as T;
}
