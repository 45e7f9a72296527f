import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What went wrong and what to do about it, in one line for people. */
export class Trouble extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const children = new Set();

/** Runs a whole script: trouble is told in one line, and a signal ends what the script has running. */
export async function main(work) {
  for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => {
      for (const child of children) child.kill(signal);
      process.exit(code);
    });
  }
  try {
    if (Number(process.versions.node.split('.')[0]) < 20)
      throw new Trouble(`Node.js 20 or newer is needed, this is ${process.version}: install a newer one`);
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(
      `✗ ${error instanceof Trouble ? error.message : `${error.message} (unexpected; please report it)`.replaceAll('\n', ' ')}`,
    );
    process.exitCode = error.exitCode ?? 1;
  }
}

/** Does one step and tells what it was, its outcome and its time; a long one is announced. `work` may give a better name. */
export async function step(name, work) {
  const begin = Date.now();
  const announced = setTimeout(() => process.stdout.write(process.stdout.isTTY ? `… ${name}` : `… ${name}\n`), 300);
  const clear = () => {
    clearTimeout(announced);
    if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
  };
  try {
    const outcome = await work();
    clear();
    console.log(`✓ ${outcome ?? name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  } catch (error) {
    clear();
    throw error;
  }
}

/** Runs a program to its end with its output kept: `{ code, output }`; code 127 when there is none, 124 after the time limit. */
export function run(command, args, { cwd = root, env = {}, timeoutMs = 600_000 } = {}) {
  return new Promise((done) => {
    let output = '';
    let late = false;
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const end = (code) => {
      clearTimeout(timer);
      children.delete(child);
      done({ code: late ? 124 : (code ?? 1), output });
    };
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', () => end(127));
    child.once('close', end);
  });
}

/** Runs a program with our own terminal and gives its exit code. */
export function runInTerminal(command, args, env = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
    children.add(child);
    child.once('error', fail);
    child.once('exit', (code) => {
      children.delete(child);
      done(code ?? 1);
    });
  });
}

/** Lets the caller handle signals from here on. */
export function takeSignals(onSignal) {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
    process.removeAllListeners(signal);
    process.on(signal, () => onSignal(signal));
  }
}
