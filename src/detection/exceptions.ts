import type { Operation } from '../contract/model.ts';
import { compileSelector } from '../shared/selector.ts';
import type { Source } from './classes/class.ts';
import type { Exception } from './settings.ts';

/** Where a finding stands: `name` is the parameter, or empty for a body; `path` leads into the value. */
export interface Spot {
  readonly source: Source;
  readonly name: string;
  readonly path: readonly string[];
}

interface Compiled {
  readonly index: number;
  readonly source: Source | undefined;
  readonly name: string | undefined;
  readonly steps: readonly string[];
  readonly below: boolean;
  readonly class: string;
}

/** The exceptions that stand for one operation. Asked only where something was found. */
export class Exceptions {
  readonly #list: readonly Compiled[];

  constructor(all: readonly Exception[], operation: Operation) {
    this.#list = all
      .map((each, index) => ({ each, index }))
      .filter(({ each }) => each.operation === undefined || compileSelector(each.operation)(operation))
      .map(({ each, index }) => compile(each, index));
  }

  static of(all: readonly Exception[], operation: Operation): Exceptions {
    return all.length === 0 ? NONE : new Exceptions(all, operation);
  }

  get size(): number {
    return this.#list.length;
  }

  /** The number of the exception (as configured) that lets this class stand here; undefined where none does. */
  covering(className: string, spot: Spot): number | undefined {
    return this.#list.find((each) => (each.class === '*' || each.class === className) && covers(each, spot))?.index;
  }
}

const NONE = new Exceptions([], {} as Operation);

function compile(each: Exception, index: number): Compiled {
  const pointer = each.name?.startsWith('/') ? each.name.slice(1).split('/') : undefined;
  const below = pointer?.[pointer.length - 1] === '**';
  return {
    index,
    source: each.in,
    name: pointer === undefined ? each.name : undefined,
    steps: (below ? pointer?.slice(0, -1) : pointer)?.map(unescapeStep) ?? [],
    below: below || pointer === undefined,
    class: each.class,
  };
}

const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

function covers({ source, name, steps, below }: Compiled, spot: Spot): boolean {
  if (source !== undefined && source !== spot.source) return false;
  if (name !== undefined) {
    // Header names have no case.
    if (spot.source === 'header' ? spot.name !== name.toLowerCase() : spot.name !== name && spot.path[0] !== name)
      return false;
    return true;
  }
  const path = spot.name === '' || spot.source === 'filename' ? spot.path : [spot.name, ...spot.path];
  if (below ? path.length < steps.length : path.length !== steps.length) return false;
  return steps.every((step, index) => step === '*' || step === path[index]);
}
