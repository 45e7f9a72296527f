import { type Local, startLocal } from './local.js';
import { readOptions } from './options.js';

const say = (line: string) => process.stderr.write(`${line}\n`);
// started by scripts/start.mjs, which holds the other end; without it nobody could stop us any more
const isHeld = process.connected;

let local: Local | undefined;
let reason: string | undefined;

/** Stops once, at once when everything runs, else as soon as it does: half a start cannot be stopped cleanly. */
function stop(why: string): void {
  if (reason !== undefined) return;
  reason = why;
  if (local) void end(local, why);
}

async function end(running: Local, why: string): Promise<void> {
  say(`\nalra: ${why}, finishing what is in hand …`);
  try {
    await running.stop();
    say('alra: stopped');
    process.exit(0);
  } catch (error) {
    say(`alra: could not stop cleanly: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

process.on('SIGINT', () => stop('stopping'));
process.on('SIGTERM', () => stop('stopping'));
process.on('disconnect', () => stop('the terminal is gone'));

try {
  local = await startLocal(readOptions(process.argv.slice(2), process.env), (line) => {
    if (reason === undefined) say(`alra: ${line}`);
  });
  if (isHeld && !process.connected) stop('the terminal is gone');
  else if (reason !== undefined) await end(local, reason);
} catch (error) {
  say(`alra cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
