import type { Finding, Place, Severity } from '../shared/finding.ts';

/** Findings of one rule that are listed; the others are counted. */
const MAX_PER_RULE = 500;

/**
 * Collects what a load finds. Bounded: a contract of ten thousand operations with the same defect gives the first 500
 * and the number of the others.
 */
export class Findings {
  readonly #list: Finding[] = [];
  readonly #counts = new Map<string, number>();
  readonly #groups = new Map<string, { index: number; finding: Finding; more: number }>();
  #errors = 0;

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  add(severity: Severity, rule: string, message: string, mend: string, place?: Place, operation?: string): void {
    if (severity === 'error') this.#errors++;
    const id = `contract/${rule}`;
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    if (count > MAX_PER_RULE) return;
    const finding: Finding = { rule: id, severity, message, mend };
    this.#list.push(Object.assign(finding, place && { place }, operation !== undefined && { operation }));
  }

  error(rule: string, message: string, mend: string, place?: Place, operation?: string): void {
    this.add('error', rule, message, mend, place, operation);
  }

  warn(rule: string, message: string, mend: string, place?: Place, operation?: string): void {
    this.add('warning', rule, message, mend, place, operation);
  }

  /**
   * A warning that is true of many places in the same way: the first place, and how many more there are.
   * @param key what makes them the same; default: the message.
   */
  warnOnce(rule: string, message: string, mend: string, place?: Place, group = message): void {
    const key = `${rule}\n${group}`;
    const known = this.#groups.get(key);
    if (known) {
      known.more++;
      return;
    }
    const index = this.#list.length;
    this.warn(rule, message, mend, place);
    const finding = this.#list[index];
    if (finding) this.#groups.set(key, { index, finding, more: 0 });
  }

  /** All of them: errors, then warnings, then weaknesses; each in the order of the document's walk. */
  all(): readonly Finding[] {
    const list = [...this.#list];
    for (const { index, finding, more } of this.#groups.values()) {
      if (more > 0) list[index] = { ...finding, message: `${finding.message} (and at ${more} more places)` };
    }
    for (const [rule, count] of this.#counts) {
      if (count <= MAX_PER_RULE) continue;
      const like = list.find((finding) => finding.rule === rule)!;
      const message = `${count - MAX_PER_RULE} more findings of this rule`;
      list.push({ rule, severity: like.severity, message, mend: 'mend the ones listed first' });
    }
    return list.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  }
}

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, weakness: 2 };
