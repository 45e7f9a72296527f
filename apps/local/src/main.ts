import { startLocal } from './local.js';
import { readOptions } from './options.js';

const say = (line: string) => process.stderr.write(`${line}\n`);

let stopping = false;

try {
  const local = await startLocal(readOptions(process.argv.slice(2), process.env), (line) => {
    if (!stopping) say(`alra: ${line}`);
  });
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    say(`\nalra: ${why}, finishing what is in hand …`);
    local.stop().then(
      () => {
        say('alra: stopped');
        process.exit(0);
      },
      (error: unknown) => {
        say(`alra: could not stop cleanly: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => stop('stopping'));
  process.on('SIGTERM', () => stop('stopping'));
  // the start script is gone (its terminal was closed): nobody could stop us any more
  process.on('disconnect', () => stop('the terminal is gone'));
} catch (error) {
  say(`alra cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
