import { collectDefaultMetrics, Histogram, register } from 'prom-client';

const stages = new Histogram({
  name: 'alra_stage_seconds',
  help: 'Time from a message coming in to each stage of its way: stored, analysed, delivered to a screen',
  labelNames: ['stage'],
  buckets: [0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 300],
});

export type Stage = 'received' | 'stored' | 'analysed' | 'delivered';

/** Notes that a message reached a stage; `since` is when it came in, in milliseconds since 1970. */
export function reached(stage: Stage, since: number): void {
  stages.observe({ stage }, Math.max(0, Date.now() - since) / 1_000);
}

/** The process's own metrics (memory, event loop, garbage collection), once per process. */
export function collectProcessMetrics(): void {
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
}
