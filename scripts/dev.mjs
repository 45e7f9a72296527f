import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild, ensureDependencies, ensureServers, node24 } from './lib/prepare.mjs';
import { main, root, takeSignals } from './lib/step.mjs';

const quietMs = 300;
const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

// compiles on every change and starts Alra anew once the compiler is quiet; options go to Alra
await main(async () => {
  await ensureDependencies();
  await ensureServers();
  await ensureBuild();
  await new Promise(develop);
});

function develop(done) {
  const tsc = spawn(node24(), [compiler, '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let ending = false;
  let restarting = false;
  let alra = start(onExit);
  let timer;
  const watcher = watch(join(root, 'dist'), { recursive: true }, (_event, name) => {
    if (!name?.endsWith('.js') || name.endsWith('.spec.js')) return;
    clearTimeout(timer);
    timer = setTimeout(restart, quietMs);
  });

  function restart() {
    restarting = true;
    if (alra === undefined) onExit();
    else alra.kill('SIGTERM');
  }

  function onExit() {
    alra = undefined;
    if (ending) done();
    else if (restarting) alra = start(onExit);
    else console.log('… Alra ended; the next change starts it again');
    restarting = false;
  }

  takeSignals(() => {
    ending = true;
    clearTimeout(timer);
    watcher.close();
    tsc.kill();
    if (alra === undefined) done();
    else alra.kill('SIGTERM');
  });
}

function start(onExit) {
  const program = join(root, 'dist', 'apps', 'local', 'src', 'main.js');
  const args = ['--enable-source-maps', '--disable-warning=ExperimentalWarning', program, ...process.argv.slice(2)];
  const child = spawn(node24(), args, { cwd: root, detached: true, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.once('exit', onExit);
  return child;
}
