/** Upper bounds in seconds, as OpenTelemetry advises for `http.server.request.duration`. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

interface Series {
  readonly buckets: Float64Array;
  sum: number;
}

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/**
 * Prometheus metrics. Label values come from the contract and from the gate's own tables only, so that no caller can
 * grow the number of series.
 */
export class Metrics {
  readonly #counters = new Map<string, Map<string, number>>();
  readonly #durations = new Map<string, Map<number, Series>>();
  readonly #gauges = new Map<string, () => number>();

  count(name: string, labels: Readonly<Record<string, string>> = {}, by = 1): void {
    const key = Object.entries(labels)
      .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
      .join(',');
    let series = this.#counters.get(name);
    if (series === undefined) this.#counters.set(name, (series = new Map()));
    series.set(key, (series.get(key) ?? 0) + by);
  }

  gauge(name: string, read: () => number): void {
    this.#gauges.set(name, read);
  }

  /** @param route operation key; @param seconds duration of the whole exchange */
  duration(route: string, status: number, seconds: number): void {
    let statuses = this.#durations.get(route);
    if (statuses === undefined) this.#durations.set(route, (statuses = new Map()));
    let series = statuses.get(status);
    if (series === undefined) statuses.set(status, (series = { buckets: new Float64Array(BOUNDS.length + 1), sum: 0 }));
    let i = 0;
    while (i < BOUNDS.length && seconds > (BOUNDS[i] as number)) i++;
    (series.buckets[i] as number)++;
    series.sum += seconds;
  }

  /** Text exposition format 0.0.4. */
  render(): string {
    const lines: string[] = [];
    for (const [name, series] of this.#counters) {
      lines.push(`# TYPE ${name} counter`);
      for (const [labels, value] of series) lines.push(`${name}${labels === '' ? '' : `{${labels}}`} ${value}`);
    }
    for (const [name, read] of this.#gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${read()}`);
    const name = 'http_server_request_duration_seconds';
    if (this.#durations.size > 0) lines.push(`# TYPE ${name} histogram`);
    for (const [route, statuses] of this.#durations) {
      for (const [status, series] of statuses) {
        const labels = `http_route="${escapeLabel(route)}",http_response_status_code="${status}"`;
        let total = 0;
        for (let i = 0; i <= BOUNDS.length; i++) {
          total += series.buckets[i] as number;
          lines.push(`${name}_bucket{${labels},le="${BOUNDS[i] ?? '+Inf'}"} ${total}`);
        }
        lines.push(`${name}_sum{${labels}} ${series.sum}`, `${name}_count{${labels}} ${total}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  /** For merging the workers' figures: plain data. */
  snapshot(): MetricsSnapshot {
    return {
      gauges: [...this.#gauges].map(([name, read]) => [name, read()] as const),
      counters: [...this.#counters].flatMap(([name, series]) =>
        [...series].map(([labels, value]) => [name, labels, value] as const),
      ),
      durations: [...this.#durations].flatMap(([route, statuses]) =>
        [...statuses].map(([status, s]) => [route, status, [...s.buckets], s.sum] as const),
      ),
    };
  }

  /** Adds another worker's figures. */
  merge(other: MetricsSnapshot): void {
    for (const [name, value] of other.gauges) {
      const before = this.#gauges.get(name)?.() ?? 0;
      this.#gauges.set(name, () => before + value);
    }
    for (const [name, labels, value] of other.counters) {
      let series = this.#counters.get(name);
      if (series === undefined) this.#counters.set(name, (series = new Map()));
      series.set(labels, (series.get(labels) ?? 0) + value);
    }
    for (const [route, status, buckets, sum] of other.durations) {
      let statuses = this.#durations.get(route);
      if (statuses === undefined) this.#durations.set(route, (statuses = new Map()));
      let series = statuses.get(status);
      if (series === undefined)
        statuses.set(status, (series = { buckets: new Float64Array(BOUNDS.length + 1), sum: 0 }));
      for (let i = 0; i < buckets.length; i++)
        series.buckets[i] = (series.buckets[i] as number) + (buckets[i] as number);
      series.sum += sum;
    }
  }
}

export interface MetricsSnapshot {
  readonly gauges: readonly (readonly [name: string, value: number])[];
  readonly counters: readonly (readonly [name: string, labels: string, value: number])[];
  readonly durations: readonly (readonly [route: string, status: number, buckets: readonly number[], sum: number])[];
}
