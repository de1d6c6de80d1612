import type { Operation } from '../contract/model.ts';
import { buildCall, fullestCall } from './calls/build.ts';
import { placesOf } from './calls/places.ts';
import { render } from './calls/render.ts';
import { CHECKS } from './checks/index.ts';
import { CheckRun } from './engine/check-run.ts';
import { Confirmation } from './engine/confirm.ts';
import { contextFor, type Shared } from './engine/context.ts';
import { Coverage } from './engine/coverage.ts';
import { deadline } from './engine/deadline.ts';
import { Stopped } from './engine/ends.ts';
import { Findings } from './engine/findings.ts';
import { pause } from './engine/pause.ts';
import { Presence, speaks } from './engine/presence.ts';
import { Runner } from './engine/runner.ts';
import { scoresOf } from './engine/scores.ts';
import { Secrets } from './engine/secrets.ts';
import { Silence } from './engine/silence.ts';
import { steadinessOf } from './engine/steadiness.ts';
import { createClient, type ScannerClient } from './http/client.ts';
import { curlOf } from './http/curl.ts';
import { createListener, type Listener } from './http/listener.ts';
import type { Check } from './model/check.ts';
import type { Exchange } from './model/exchange.ts';
import type { ScanPlan, ScanWatch } from './model/plan.ts';
import type { ScanReport } from './model/report.ts';
import { isHarmful } from './state/harm.ts';
import { createState } from './state/state.ts';

export type { ScanPlan, ScanWatch } from './model/plan.ts';

/** Milliseconds for taking away what the scan made: at its end, when its time was up, and when somebody waits for it to stop. */
const TIDYING = { end: 15_000, time: 5_000, stopped: 1_500 };
/** Milliseconds that what is under way may take when the scan is told to end. */
const GRACE = 250;
/** Operations that are asked, beside the base path, whether there is anybody. */
const GREETED = 3;

/** The checks that `only` and `skip` (ids or groups; empty `only`: all) leave. */
export function chosen(checks: readonly Check[], only: readonly string[], skip: readonly string[]): Check[] {
  const named = (list: readonly string[], { id, group }: Check): boolean => list.includes(id) || list.includes(group);
  return checks.filter((check) => (only.length === 0 || named(only, check)) && !named(skip, check));
}

/**
 * Attacks an API from its contract: logs in, explores, runs every check, confirms what they find, takes away what it
 * made, and reports. Only the host of `plan.base` is ever spoken to.
 *
 * Never throws for what the API does: that stands in the report.
 */
export async function runScan(
  plan: ScanPlan,
  watch: ScanWatch,
  checks: readonly Check[] = CHECKS,
): Promise<ScanReport> {
  const began = performance.now();
  const started = new Date().toISOString();
  const notes = new Set<string>();
  const note = (text: string): void => {
    if (notes.has(text)) return;
    notes.add(text);
    watch.note(text);
  };
  const { options, contract, base } = plan;
  const time = deadline(plan.signal, options.maxTime);
  const sockets = new AbortController();
  const coverage = new Coverage();
  const silence = new Silence(note);
  const list = chosen(checks, options.only, options.skip);
  const runs = checks.map((check) => new CheckRun(check));
  const observers: { readonly check: Check; readonly run: CheckRun; context?: ReturnType<typeof contextFor> }[] = [];
  const phases = list.length + 3;
  let done = 0;
  let findings: Findings | undefined;

  const client = createClient({
    base,
    concurrency: options.concurrency,
    rate: options.rate,
    timeout: options.timeout,
    signal: sockets.signal,
    ca: plan.ca,
    insecure: plan.insecure,
    note,
    observe: (exchange: Exchange) => {
      watch.exchange?.(exchange);
      coverage.answered(exchange);
      state.observe(exchange);
      silence.answered(exchange);
      presence.answered(exchange);
      for (const { check, run, context } of observers) {
        if (!context) continue;
        try {
          check.observe?.(exchange, context);
        } catch (error) {
          run.crash(error);
        }
      }
      watch.progress(done, phases, client.sent, findings?.count ?? 0);
    },
  });
  const state = createState({
    client,
    contract,
    operations: contract.operations,
    identities: plan.identities,
    register: options.register,
    base,
    scan: options,
    note,
    signal: time.signal,
  });
  const presence = new Presence({
    ask: async () => (await greet(client, base, undefined)).answer,
    pause: (milliseconds) => pause(milliseconds, time.signal),
    note,
  });
  const halt = (): void => client.halt(GRACE);
  time.signal.addEventListener('abort', halt, { once: true });
  const secrets = new Secrets(() => state.identities, options.showSecrets === true);
  findings = new Findings({
    mask: (exchange) => secrets.maskExchange(exchange),
    maskText: (text) => secrets.maskText(text),
    curl: (exchange) => curlOf(exchange, base, secrets.variables()),
    accepted: (fingerprint) => plan.accepted?.reason(fingerprint),
  });
  const confirmation = new Confirmation(findings, watch);
  let listener: Promise<Listener> | undefined;
  let observing = false;
  const shared: Shared = {
    plan,
    operations: options.destructive ? contract.operations : contract.operations.filter(isCalled),
    client,
    state,
    coverage,
    silence,
    presence,
    signal: time.signal,
    listener: () => (listener ??= createListener()),
    found: (check, operation) => findings?.at(check, operation) === true,
    report: async (run, candidate) =>
      observing ? await confirmation.now(run, candidate) : await confirmation.later(run, candidate),
  };

  const runner = new Runner(shared, note);

  /** Measures whether the API answers the same in the same way, and so how much it takes to believe a finding. */
  const steady = async (): Promise<void> => {
    const sampled = contract.operations.flatMap((operation) =>
      operation.method === 'GET' ? state.samples(operation).slice(0, 1) : [],
    );
    const { differed, asked, times } = await steadinessOf([
      async () => await greet(client, base, undefined),
      ...sampled.map(
        ({ call, as }) =>
          async () =>
            await state.send(call, as ?? null),
      ),
    ]);
    // What was banned meanwhile has not changed its mind.
    if (client.blocked !== undefined) return;
    confirmation.times = times;
    if (times > 1)
      note(
        `the API changes its mind: ${differed} of ${asked} repeated requests were answered otherwise than before; what is found must show ${times + 1} times`,
      );
  };

  try {
    for (const run of runs) {
      const { check } = run;
      if (!list.includes(check)) run.reason = 'not chosen (--only, --skip)';
      else if (check.destructive && !options.destructive) run.reason = 'only with --destructive';
      else if (check.observe) {
        const observer = contextFor(run, {
          ...shared,
          report: (mine, candidate) => confirmation.later(mine, candidate),
        });
        observers.push({ check, run, context: observer });
        run.state = 'ran';
      }
    }
    watch.phase('logging in', done, phases);
    await greeted(client, plan, presence);
    if (presence.gone === undefined) {
      await quietly(() => state.login(), note);
      done = 1;
      watch.phase('exploring', done, phases);
      await quietly(() => state.explore((made, of) => watch.progress(1 + made / of, phases, client.sent, 0)), note);
      await quietly(() => steady(), note);
    }
    done = 2;
    await confirmation.drain();
    observing = true;
    for (const run of runs) {
      const { check } = run;
      if (!list.includes(check) || (check.destructive && !options.destructive)) continue;
      watch.phase(check.title, done++, phases);
      await runner.run(run);
      await confirmation.drain();
    }
  } finally {
    watch.phase('tidying up', phases - 1, phases);
    time.signal.removeEventListener('abort', halt);
    client.resume();
    const limit = setTimeout(
      () => sockets.abort(),
      plan.signal.aborted ? TIDYING.stopped : time.signal.aborted ? TIDYING.time : TIDYING.end,
    );
    const hurry = (): void => void setTimeout(() => sockets.abort(), TIDYING.stopped).unref();
    plan.signal.addEventListener('abort', hurry, { once: true });
    if (presence.gone === undefined) await quietly(() => state.cleanUp(), note);
    plan.signal.removeEventListener('abort', hurry);
    clearTimeout(limit);
    sockets.abort();
    client.close();
    await quietly(async () => await (await listener)?.close(), note);
    time.end();
  }

  const all = findings.all();
  const reports = runs.map((run) => run.report());
  return {
    version: plan.version,
    target: base.href,
    contract: { source: contract.source, title: contract.title, version: contract.apiVersion },
    started,
    milliseconds: Math.round(performance.now() - began),
    seed: options.seed,
    destructive: options.destructive,
    identities: state.identities.map(({ name, role, kind, alive }) => ({
      name,
      role,
      kind,
      alive,
      note: state.fate(name),
    })),
    findings: all,
    checks: reports,
    coverage: coverage.report(
      contract.operations,
      (operation) => placesOf(fullestCall(operation)),
      (operation) => state.samples(operation).map(({ as }) => as?.name ?? 'anyone'),
      (operation) => state.why(operation),
    ),
    practices: scoresOf(reports, all),
    notes: [...notes],
    requests: client.sent,
    cut: time.why() ?? runner.lost,
  };
}

/** Reads that do harm by being called (`GET /createdb`) are none that a check may try. */
const isCalled = (operation: Operation): boolean => operation.method !== 'GET' || !isHarmful(operation);

/** One request for the base path, or for an operation: whoever is there answers something. */
async function greet(client: ScannerClient, base: URL, operation: Operation | undefined): Promise<Exchange> {
  const request = operation
    ? render(
        buildCall(operation, () => undefined),
        undefined,
        base,
      )
    : { method: 'GET', target: base.pathname, headers: [] };
  return await client.send(request, { operation, check: '', patient: false });
}

/** Whether anybody is there at all. */
async function greeted(client: ScannerClient, { base, contract }: ScanPlan, presence: Presence): Promise<void> {
  const plain = contract.operations.filter(
    (operation) =>
      operation.method === 'GET' &&
      isCalled(operation) &&
      operation.parameters.every(({ in: place }) => place !== 'path'),
  );
  let why: Exchange['answer']['failure'];
  const asked = [undefined, ...plain.slice(0, GREETED)].map(async (operation) => {
    const { answer } = await greet(client, base, operation);
    why ??= answer.failure;
    // A handshake that fails is told by the checks of the transport.
    if (!speaks(answer) && answer.failure !== 'tls' && answer.failure !== 'stopped') throw new Error('silence');
  });
  await Promise.any(asked).catch(() => presence.never(why));
}

/** A part of the engine's own that fails is said, and the rest goes on. */
async function quietly(work: () => Promise<unknown>, note: (text: string) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Stopped))
      note(`a part of the scan failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
