import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureDependencies, ensureServers, node24 } from './lib/prepare.mjs';
import { Trouble, main, root, takeSignals } from './lib/step.mjs';

const help = `npm start -- [options]      starts Alra on this machine

  --port N      the port of its web address (8080)
  --data DIR    where everything is kept (.data)
  --help        this text

Servers that run elsewhere are used instead of own ones when these variables name them:
  DATABASE_URL          PostgreSQL, what the apps connect with
  DATABASE_OWNER_URL    PostgreSQL, what migrations run with (DATABASE_URL)
  NATS_URL              nats-server 2.12 or newer with JetStream
  NATS_MONITOR_URL      its monitoring address, to check that it keeps what it acknowledges
  REDIS_URL             Redis
  OLLAMA_URL            Ollama, for the language model
  PUBLIC_URL            the address under which people reach Alra`;

await main(async () => {
  const options = readOptions();
  if (options.help) {
    console.log(help);
    return 0;
  }
  await ensureDependencies();
  await ensureServers({ without: givenFromOutside() });
  await ensureBuild();
  return runLocal(options);
});

function readOptions() {
  const options = parse();
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Trouble(`--port must be a number from 1 to 65535, not "${String(options.port)}"`, 2);
  return options;
}

function parse() {
  try {
    const string = (value) => ({ type: 'string', default: value });
    return parseArgs({
      options: { port: string('8080'), data: string('.data'), help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    throw new Trouble(`${error.message.split(/[.\n]/)[0]}: npm start -- --help tells the options`, 2);
  }
}

function givenFromOutside() {
  const programs = { NATS_URL: 'nats-server', REDIS_URL: 'redis-server' };
  return Object.entries(programs).flatMap(([variable, program]) => (process.env[variable] ? [program] : []));
}

function runLocal({ port, data }) {
  const program = join(root, 'dist', 'apps', 'local', 'src', 'main.js');
  if (!existsSync(program)) throw new Trouble(`the build made no ${program}: delete dist and start again`);
  const args = ['--enable-source-maps', '--disable-warning=ExperimentalWarning', program, '--port', port, '--data', resolve(data)];
  return new Promise((done) => {
    // Ctrl-C must reach it once, so it is no member of the terminal's group; over the ipc channel it sees us die
    const child = spawn(node24(), args, { cwd: root, detached: true, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    let forwarded = false;
    takeSignals((signal) => {
      if (!forwarded) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      forwarded = true;
    });
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}
