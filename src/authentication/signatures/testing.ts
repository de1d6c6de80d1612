import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type RequestSigning, signRequest } from '../../client/sign-request.ts';
import type { SecurityRequirement } from '../../contract/model.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Refusal } from '../../gateway/refusal.ts';
import { addSigningKey } from '../../identity/signing-keys.ts';
import { type MessageKey, messageKey } from '../../signatures/key.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { authentication } from '../authentication.ts';
import { all, exchange, operation, policy, scheme, type World, world } from '../testing.ts';

export const SIGNED = all(scheme({ type: 'http', scheme: 'signature' }));
export const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;

export interface Sending {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
  readonly signing?: Partial<RequestSigning>;
  /** Changes the headers after they were signed. */
  readonly alter?: (headers: Record<string, string>) => void;
  /** What really comes as body. */
  readonly sent?: Buffer;
  readonly address?: string;
}

/** A gate with one signer, and ways to send through it. */
export function setUp(
  given: Record<string, unknown> = {},
  security: readonly SecurityRequirement[] | undefined = [SIGNED],
  directory = '',
) {
  const services: World = world(memoryStore());
  Object.assign(services, { baseDirectory: directory });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { id } = addSigningKey(services.store, services.clock, { publicKey: pem(publicKey), roles: ['nurse'] });
  const key: MessageKey = messageKey(privateKey);
  const stageOf = (settings = given, on = services) =>
    authentication.stages(policy(settings), operation(security), on).authenticate!;
  let stage = stageOf();
  const make = ({ query = '', headers = {}, body, signing, alter, sent = body, address }: Sending = {}): Exchange => {
    const url = new URL(`https://api.example/patients${query === '' ? '' : `?${query}`}`);
    const added = signRequest(
      { method: 'GET', url, headers: Object.entries(headers), body },
      { key, keyId: id, now: services.clock.now(), ...signing },
    );
    const complete: Record<string, string> = { ...headers };
    for (const [name, value] of added) complete[name.toLowerCase()] = value;
    alter?.(complete);
    const one = exchange({ headers: complete, query, address });
    one.source = { present: sent !== undefined && sent.length > 0, read: async () => sent ?? Buffer.alloc(0) };
    return one;
  };
  const judge = async (one: Exchange): Promise<Refusal | undefined> => stage(one);
  return {
    services,
    id,
    key,
    make,
    judge,
    stageOf,
    send: async (sending: Sending = {}) => {
      const one = make(sending);
      const refusal = await judge(one);
      return { refusal, exchange: one, reason: (refusal?.evidence as { reason?: string } | undefined)?.reason };
    },
    reload: (settings: Record<string, unknown>) => {
      stage = stageOf(settings);
    },
  };
}
