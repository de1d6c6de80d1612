import type { z } from 'zod';
import type { Operation } from '../contract/model.ts';
import type { Origin, Policy, Room } from '../gateway/room.ts';
import { type Finding, formatPlace } from '../shared/finding.ts';
import { compileSelector, inspectSelector } from '../shared/selector.ts';
import type { Configuration } from './configuration.ts';

type AnyRoom = Room<z.ZodObject>;

/**
 * Resolves policies: default, then configuration, then the contract's extensions, then the configuration's entries for
 * operations in their order. What no layer touches is shared, so that ten thousand plain operations cost one policy.
 */
export class Layers {
  readonly #configuration: Configuration;
  readonly #entries: { readonly matches: (operation: Operation) => boolean; readonly selector: string }[];
  readonly #base = new Map<string, Policy<Record<string, unknown>>>();
  readonly findings: Finding[] = [];

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#entries = Object.keys(configuration.operations).map((selector) => ({
      selector,
      matches: compileSelector(selector),
    }));
  }

  /** Selectors of the configuration that match no operation, as findings. */
  unused(operations: readonly Operation[]): Finding[] {
    return this.#entries.flatMap(({ selector }) => {
      const problem = inspectSelector(selector, operations);
      if (problem === undefined) return [];
      const place = this.#configuration.placeOf(['operations', selector]);
      return [{ rule: 'config/selector', severity: 'error', ...problem, place }];
    });
  }

  /** The policy of one room for one operation. Problems go to `findings`. */
  resolve(room: AnyRoom, operation: Operation): Policy<Record<string, unknown>> {
    const base = this.#baseOf(room);
    let settings: Record<string, unknown> | undefined;
    let origins: Record<string, Origin> | undefined;
    const set = (key: string, value: unknown, origin: Origin): void => {
      settings ??= { ...base.settings };
      origins ??= { ...base.origins } as Record<string, Origin>;
      settings[key] = value;
      origins[key] = origin;
    };
    for (const [extension, key] of Object.entries(room.extensions)) {
      const written = operation.extensions.get(extension);
      if (written === undefined) continue;
      const result = (room.settings.shape[key] as z.ZodType).safeParse(written.value);
      if (result.success) set(key, result.data, `${formatPlace(written.place)} (${extension})`);
      else {
        this.findings.push({
          rule: `${room.name}/invalid-extension`,
          severity: 'error',
          message: `${extension}: ${result.error.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ')}`,
          mend: 'write it as the documentation of this practice shows',
          place: written.place,
          operation: operation.key,
        });
      }
    }
    for (const entry of this.#entries) {
      const written = this.#configuration.operations[entry.selector]?.[room.name];
      if (written === undefined || !entry.matches(operation)) continue;
      for (const [key, value] of Object.entries(written)) {
        if (value === undefined) continue;
        const place =
          this.#configuration.placeOf(['operations', entry.selector, room.name, key]) ??
          this.#configuration.placeOf(['operations', entry.selector, room.name]);
        set(key, value, place === undefined ? 'command line' : formatPlace(place));
      }
    }
    return settings === undefined ? base : Object.freeze({ settings: Object.freeze(settings), origins: origins ?? {} });
  }

  #baseOf(room: AnyRoom): Policy<Record<string, unknown>> {
    const known = this.#base.get(room.name);
    if (known !== undefined) return known;
    const settings = (this.#configuration as unknown as Record<string, Record<string, unknown>>)[room.name] ?? {};
    const origins: Record<string, Origin> = {};
    const whole = this.#configuration.placeOf([room.name]);
    for (const key of Object.keys(settings)) {
      const place = this.#configuration.placeOf([room.name, key]);
      origins[key] = place !== undefined ? formatPlace(place) : 'default';
    }
    const shorthand = whole !== undefined && Object.values(origins).every((origin) => origin === 'default');
    if (shorthand) for (const key of ['access', 'mode']) if (key in origins) origins[key] = formatPlace(whole);
    const policy = Object.freeze({ settings: Object.freeze(settings), origins: Object.freeze(origins) });
    this.#base.set(room.name, policy);
    return policy;
  }
}
