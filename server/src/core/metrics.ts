// Prometheus metrics. One registry per running app, so that two apps in one process (tests) do not share counts.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly kind: 'counter' | 'histogram' | 'gauge';
}

export class Metrics {
  readonly registry = new Registry();
  readonly described: MetricDescription[] = [];

  /** @param defaults also the process's own figures (memory, event loop). */
  constructor(defaults = false) {
    if (defaults) collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Counter<Label> {
    this.described.push({ name, help, labels, kind: 'counter' });
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  gauge<Label extends string>(name: string, help: string, labels: readonly Label[] = []): Gauge<Label> {
    this.described.push({ name, help, labels, kind: 'gauge' });
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** Observes seconds. */
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[] = [],
  ): Histogram<Label> {
    this.described.push({ name, help, labels, kind: 'histogram' });
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
  }
}
