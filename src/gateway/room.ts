import type { z } from 'zod';
import type { Operation } from '../contract/model.ts';
import type { Finding } from '../shared/finding.ts';
import type { Exchange } from './exchange.ts';
import type { Refusal } from './refusal.ts';
import type { Services } from './services.ts';

/** Takes the exchange; returns nothing (go on) or a refusal. Synchronous where it can be: a promise costs. */
export type Stage = (exchange: Exchange) => Refusal | undefined | Promise<Refusal | undefined>;

/** The steps of the way at which a room may stand; their order and its reasons are in `way.ts`. */
export type StageName =
  | 'throttle-address'
  | 'authenticate'
  | 'throttle-identity'
  | 'authorize'
  | 'validate-parameters'
  | 'authorize-object'
  | 'validate-body'
  | 'authorize-body'
  | 'detect'
  | 'open-answer'
  | 'authorize-answer'
  | 'disclose'
  | 'sign';

export type Stages = Partial<Record<StageName, Stage>>;

/** Where a setting comes from, as people read it: `default`, `clinic.yaml:41:7 (x-portcullis-roles)`, `portcullis.yaml:12:3`. */
export type Origin = string;

/**
 * What is in force in one room for one operation: the room's settings after all layers, complete and frozen.
 * Layers, weakest first: default, configuration, contract extension, configuration for the operation.
 */
export interface Policy<Settings> {
  readonly settings: Settings;
  /** Origin of each top-level key of `settings`. */
  readonly origins: Readonly<Partial<Record<keyof Settings & string, Origin>>>;
}

/** One line of `check` and `explain`: what is in force, in a few words, and from where. */
export interface PolicyLine {
  readonly part: string;
  readonly value: string;
  readonly origin: Origin;
}

export type RoomName =
  | 'authentication'
  | 'authorization'
  | 'validation'
  | 'detection'
  | 'encryption'
  | 'disclosure'
  | 'throttling'
  | 'audit'
  | 'forwarding';

/**
 * A room of the house: one practice. Its settings compose into the configuration; its policies become stages at load.
 * Everything that can be decided at load is decided in `stages`, never in the stage itself.
 */
export interface Room<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: RoomName;
  /** Schema with defaults and a `.describe()` line each. Every key has a default: `{}` must parse. */
  readonly settings: Schema;
  /** Keys that the configuration may also set for one operation (`operations: "GET /x": {room: {key: ...}}`). */
  readonly perOperation: readonly (keyof z.output<Schema> & string)[];
  /** Contract extensions on an operation, path item or document, and the key each one sets. */
  readonly extensions: Readonly<Record<`x-portcullis-${string}`, keyof z.output<Schema> & string>>;
  /** What cannot be enforced, or leaves the gate blind, for this operation. */
  inspect?(policy: Policy<z.output<Schema>>, operation: Operation): Finding[];
  /** What is in force, for people. */
  explain(policy: Policy<z.output<Schema>>, operation: Operation): PolicyLine[];
  /** Compiles the operation's stages; a stage that would do nothing is left out. */
  stages(policy: Policy<z.output<Schema>>, operation: Operation, services: Services): Stages;
}
