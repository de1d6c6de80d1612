/** What the tests of bans share: the room with a clock that is moved by hand, rates out of the way, and some callers. */
import assert from 'node:assert/strict';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Principal } from '../../gateway/principal.ts';
import { type Refusal, type RefusalCode, refuse } from '../../gateway/refusal.ts';
import { exchangeFrom, principal, roomWith, servicesAt } from '../fixtures.ts';
import type { Keeper } from './keeper.ts';

export const MINUTE = 60_000;
export const HERE = '192.0.2.1';

const open = { slow: 'off', address: 'off', anonymous: 'off', principal: 'off', quotas: { day: 'off' } };
export const few = { harmful: 3, window: '3m', first: '1m', factor: 4, max: '1h', forget: '2h' };

/** @param bans the settings */
export function gate(bans: unknown = few, services = servicesAt('')) {
  const room = roomWith({ ...open, bans }, services);
  const make = (address: string, who?: Principal, headers: Record<string, string> = {}): Exchange => {
    const exchange = exchangeFrom(address, who);
    exchange.request = { ...exchange.request, headers };
    return exchange;
  };
  return {
    ...services,
    room,
    make,
    keeper: () => services.keep<Keeper>('throttling/bans', () => assert.fail('no keeper')),
    /** Sends something that a later stage refuses, until `times` were refused there or it is shut out. */
    harm(
      times: number,
      address: string,
      who?: Principal,
      headers?: Record<string, string>,
      code: RefusalCode = 'harmful',
    ) {
      let refusal: Refusal | 'slowed' | undefined;
      for (let i = 0; i < times && refusal === undefined; i++)
        refusal = room.send(make(address, who, headers), refuse(code));
      return refusal as Refusal | undefined;
    },
    /** Sends something good. @returns the code of its refusal */
    good: (address: string, who?: Principal, headers?: Record<string, string>) =>
      (room.send(make(address, who, headers)) as Refusal | undefined)?.code,
  };
}

export const ann = principal('ann', ['staff'], 'user');
export const bob = principal('bob', ['staff'], 'user');
