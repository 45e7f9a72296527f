import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bare } from './bare.js';
import type { Outcome, Percentiles } from './load.js';
import { median } from './process-figures.js';
import { Product } from './product.js';

const RUNS = 3;
const CONNECTIONS = 64;

const say = (line: string) => process.stdout.write(`${line}\n`);
const round = (value: number, digits = 2) => Number(value.toFixed(digits));

const { values } = parseArgs({
  options: { json: { type: 'string' }, count: { type: 'string', default: '6000' }, seconds: { type: 'string', default: '20' } },
});
const count = Number(values.count);
const seconds = Number(values.seconds);

function check(name: string, { accepted, refused, delivered, deliveredTwice }: Outcome): void {
  if (refused > 0 || delivered !== accepted || deliveredTwice > 0) {
    throw new Error(`${name}: ${accepted} accepted, ${refused} refused, ${delivered} delivered, ${deliveredTwice} twice`);
  }
}

async function latencyAt(product: Product, perSecond: number): Promise<Percentiles> {
  const runs: Percentiles[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const outcome = await product.run({ count: Math.round(perSecond * seconds), perSecond, connections: CONNECTIONS });
    check(`${perSecond}/s`, outcome);
    runs.push(outcome.latency);
    say(
      `  ${round(perSecond, 1)}/s run ${run}: p50 ${outcome.latency.p50Ms}  p95 ${outcome.latency.p95Ms}  p99 ${outcome.latency.p99Ms} ms`,
    );
  }
  const middle = (key: keyof Percentiles) => median(runs.map((run) => run[key]));
  return { p50Ms: middle('p50Ms'), p95Ms: middle('p95Ms'), p99Ms: middle('p99Ms') };
}

async function throughput(product: Product, bare: Bare) {
  const ours: number[] = [];
  const theirs: number[] = [];
  const cpu: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    // one after the other, so that both meet the same machine
    const chain = await bare.run({ count, perSecond: 0, connections: CONNECTIONS });
    check('bare chain', chain);
    const own = await product.run({ count, perSecond: 0, connections: CONNECTIONS });
    check('product', own);
    ours.push(own.delivered / own.seconds);
    theirs.push(chain.delivered / chain.seconds);
    cpu.push(own.cpuMsPerMessage);
    say(
      `  run ${run}: bare chain ${round(chain.delivered / chain.seconds, 0)}/s, product ${round(own.delivered / own.seconds, 0)}/s, ${round(own.cpuMsPerMessage)} ms CPU`,
    );
  }
  return {
    storedPerSecond: round(median(ours), 0),
    bareChainPerSecond: round(median(theirs), 0),
    ratioToBareChain: round(median(ours.map((rate, index) => rate / (theirs[index] ?? Number.NaN)))),
    cpuMsPerMessage: round(median(cpu)),
  };
}

const product = await Product.start();
const bare = await Bare.start();
try {
  await sleep(3_000);
  const idle = product.rssMb;
  say(`idle: ${idle} MB. Warming up …`);
  await product.run({ count: 2_000, perSecond: 0, connections: CONNECTIONS });
  await bare.run({ count: 2_000, perSecond: 0, connections: CONNECTIONS });
  say('POST of a webhook → suggestion on the socket');
  const latency = { at1000PerMinute: await latencyAt(product, 1_000 / 60), at100PerSecond: await latencyAt(product, 100) };
  say(`stored, analysed and on the socket, ${count} messages over ${CONNECTIONS} connections`);
  const figures = { latency, throughput: await throughput(product, bare), rssMb: { idle, loaded: product.rssMb } };
  say(JSON.stringify(figures, null, 2));
  if (values.json) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await Promise.all([product.stop(), bare.stop()]);
}
