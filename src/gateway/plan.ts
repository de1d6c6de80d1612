import type { z } from 'zod';
import { inspectClientCertificates } from '../authentication/certificate/inspect.ts';
import { inspectStepUpIssuers } from '../authentication/step-up/inspect.ts';
import { inspectSelectors } from '../authorization/inspect.ts';
import type { Configuration } from '../config/configuration.ts';
import { Layers } from '../config/layers.ts';
import type { Contract, Operation, SecurityScheme } from '../contract/model.ts';
import { inspectExceptions } from '../detection/inspect.ts';
import { KEYS_PATH, keyDirectory } from '../encryption/answer-key.ts';
import { compileRoute, type Route } from '../forwarding/route.ts';
import type { Finding } from '../shared/finding.ts';
import type { Policy, PolicyLine, Room, RoomName, Stage, StageName, Stages } from './room.ts';
import { ROOMS } from './rooms.ts';
import type { Services } from './services.ts';
import { FIRST_ANSWER_STAGE, WAY } from './way.ts';

export interface CompiledStage {
  /** Index in WAY. */
  readonly index: number;
  readonly name: StageName;
  readonly run: Stage;
}

/** One operation with everything that was decided for it at load. */
export interface OperationPlan {
  readonly operation: Operation;
  readonly policies: Readonly<Record<RoomName, Policy<never>>>;
  /** Stages before forwarding, in the order of WAY. */
  readonly before: readonly CompiledStage[];
  /** `open-answer`. */
  readonly open: CompiledStage | undefined;
  /** Stages that judge a buffered answer. */
  readonly after: readonly CompiledStage[];
  /** `sign`: runs on whatever leaves, once it is settled. */
  readonly sign: CompiledStage | undefined;
  /** Answers that would be streamed are read whole: their signature holds a digest of them. */
  readonly gathers: boolean;
  readonly route: Route;
  /** Bytes of an answer that is read whole. */
  readonly maxAnswer: number;
  /** Whether an exchange goes on when its record cannot be written. */
  readonly goesOnUnrecorded: boolean;
}

/** A document that the gate itself answers with, to anyone. */
export interface Published {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** All operations with their compiled stages. A reload builds a new one and swaps the reference. */
export interface Plan {
  readonly configuration: Configuration;
  readonly contract: Contract;
  readonly operations: ReadonlyMap<Operation, OperationPlan>;
  /** What a request meets that matches no operation, before it is refused. */
  readonly unmatched: OperationPlan;
  /** By path. */
  readonly published: ReadonlyMap<string, Published>;
  readonly findings: readonly Finding[];
}

type AnyRoom = Room<z.ZodObject>;
const rooms = Object.values(ROOMS) as unknown as readonly AnyRoom[];

/** Names of all contract extensions that some room understands on an operation. */
export const knownExtensions: readonly string[] = rooms.flatMap((room) => Object.keys(room.extensions));

/** Stands for requests that match nothing: a flood of them must be throttled like any other. */
const UNMATCHED: Operation = Object.freeze({
  key: '(no operation)',
  operationId: undefined,
  method: 'GET',
  template: '',
  tags: [],
  summary: undefined,
  deprecated: false,
  parameters: [],
  body: undefined,
  responses: [],
  security: undefined,
  extensions: new Map(),
  place: { file: '', line: 1, column: 1 },
} satisfies Operation);

/**
 * Resolves every operation's policy and compiles its stages.
 * Findings of severity `error` mean that the plan must not be used; the caller decides how to say so.
 */
export function buildPlan(configuration: Configuration, contract: Contract, services: Services): Plan {
  const layers = new Layers(configuration);
  const findings: Finding[] = [
    ...contract.findings,
    ...layers.unused(contract.operations),
    ...inspectClientCertificates(configuration),
    ...inspectSelectors(configuration.authorization.roles, contract.operations),
    ...inspectExceptions(configuration.detection.exceptions, contract.operations, configuration.placeOf),
  ];
  const operations = new Map<Operation, OperationPlan>();
  for (const operation of contract.operations) {
    operations.set(operation, planOperation(operation, contract.securitySchemes, layers, services, findings));
  }
  const unmatched = planOperation(UNMATCHED, [], layers, services, []);
  findings.push(
    ...layers.findings,
    ...inspectStepUpIssuers(configuration.identity.server.enabled, operations.values()),
  );
  const published = new Map<string, Published>();
  if ([unmatched, ...operations.values()].some(({ sign }) => sign !== undefined))
    published.set(KEYS_PATH, keyDirectory(configuration.encryption.signingKey, services));
  return {
    configuration,
    contract,
    operations,
    unmatched: { ...unmatched, before: unmatched.before.filter((stage) => stage.name === 'throttle-address') },
    published,
    findings: onceEach(findings.filter((finding) => !hasOwnIssuer(finding, configuration))),
  };
}

/** Tokens are taken from the embedded authorization server without any entry. */
const hasOwnIssuer = (finding: Finding, { identity }: Configuration): boolean =>
  finding.rule === 'authentication/no-issuer' && identity.server.enabled;

/** What a room says of every operation alike is said once. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const { rule, message, place } = finding;
    const key = JSON.stringify([rule, message, place?.file, place?.line, place?.column]);
    if (!seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()];
}

/** The policies of one operation without its stages: for `check` and `explain`. */
export function explainOperation(plan: OperationPlan): { room: RoomName; lines: PolicyLine[] }[] {
  return rooms.map((room) => ({ room: room.name, lines: room.explain(plan.policies[room.name], plan.operation) }));
}

/** Where authentication is off nobody needs a role: what one room finds, another may have made harmless. */
function tells(finding: Finding, policies: Partial<Record<RoomName, Policy<never>>>): boolean {
  const access = (policies.authentication?.settings as { access?: string } | undefined)?.access;
  return finding.rule !== 'authorization/nobody' || access !== 'none';
}

function planOperation(
  operation: Operation,
  schemes: readonly SecurityScheme[],
  layers: Layers,
  services: Services,
  findings: Finding[],
): OperationPlan {
  const policies: Partial<Record<RoomName, Policy<never>>> = {};
  const stages: Stages = {};
  for (const room of rooms) {
    const policy = layers.resolve(room, operation) as Policy<never>;
    policies[room.name] = policy;
    if (room.inspect !== undefined)
      findings.push(...room.inspect(policy, operation).filter((finding) => tells(finding, policies)));
    try {
      Object.assign(stages, room.stages(policy, operation, services));
    } catch (error) {
      const nested = (error as { findings?: Finding[] }).findings;
      if (nested === undefined) throw error;
      findings.push(...nested);
    }
  }
  const compiled: CompiledStage[] = [];
  WAY.forEach((step, index) => {
    const run = stages[step.stage];
    if (run !== undefined) compiled.push({ index, name: step.stage, run });
  });
  const settingsOf = <Key extends keyof typeof ROOMS>(name: Key): z.output<(typeof ROOMS)[Key]['settings']> =>
    (policies[name] as Policy<unknown>).settings as z.output<(typeof ROOMS)[Key]['settings']>;
  return {
    operation,
    policies: policies as Record<RoomName, Policy<never>>,
    before: compiled.filter((stage) => stage.index < FIRST_ANSWER_STAGE),
    open: compiled.find((stage) => stage.name === 'open-answer'),
    after: compiled.filter((stage) => stage.index > FIRST_ANSWER_STAGE && stage.name !== 'sign'),
    sign: compiled.find((stage) => stage.name === 'sign'),
    gathers: settingsOf('encryption').signAnswers === 'whole',
    route: compileRoute(operation, schemes, settingsOf('forwarding')),
    maxAnswer: settingsOf('disclosure').maxAnswer,
    goesOnUnrecorded: settingsOf('audit').onFailure === 'continue',
  };
}
