// For `node --import`: ends the built product as kill -9 would, at a chosen point of its work, of which nothing in it knows.
// Nothing happens until SIGUSR2, when the plan in the file CRASH_PLAN begins to count:
//   { "point": "message.analysed", "when": "before" | "after", "nth": 3 }
// A point is the publishing of an event, or `sandbox.send`, the hand-over to the sandbox's line.
// CRASH_UNPROTECTED takes away what protects from a crash, for the control: consumers that acknowledge nothing.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { SandboxDriver } from '../../../dist/apps/session/src/sandbox.driver.js';
import { Bus, BusConnection } from '../../../dist/libs/bus/src/index.js';

let plan;
process.on('SIGUSR2', () => {
  plan = JSON.parse(readFileSync(process.env['CRASH_PLAN'], 'utf8'));
});

around(Bus.prototype, 'publish', ([event]) => event.name);
around(SandboxDriver.prototype, 'send', () => 'sandbox.send');
if (process.env['CRASH_UNPROTECTED']) acknowledgeNothing();

function around(prototype, method, pointOf) {
  const real = prototype[method];
  prototype[method] = async function (...args) {
    const due = isDue(pointOf(args));
    if (due && plan.when === 'before') process.kill(process.pid, 'SIGKILL');
    const result = await real.apply(this, args);
    if (due) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

function isDue(point) {
  if (plan?.point !== point) return false;
  plan.nth -= 1;
  return plan.nth === 0;
}

function acknowledgeNothing() {
  const open = BusConnection.open;
  BusConnection.open = async (options) => {
    const connection = await open(options);
    const { consumers } = connection.manager;
    const add = consumers.add.bind(consumers);
    consumers.add = (stream, { ack_wait: _wait, max_ack_pending: _most, ...config }) => add(stream, { ...config, ack_policy: 'none' });
    return connection;
  };
}
