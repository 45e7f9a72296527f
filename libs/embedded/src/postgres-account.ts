import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemPath } from './child.js';
import { ProgramMissing, StartFailed } from './errors.js';

const run = promisify(execFile);

/** The system user that PostgreSQL runs as when we are root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How to run a program as an account. */
export interface Launcher {
  readonly user?: Account;
  /** A command that becomes the program, in front of it. */
  readonly prefix: readonly string[];
}

/** The system user `postgres`, made when the machine has none. */
export async function postgresAccount(): Promise<Account> {
  const known = await lookUp();
  if (known !== undefined) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], environment());
  } catch (error) {
    throw new ProgramMissing(
      'The system user postgres',
      'PostgreSQL refuses to run as root; make one with useradd --system postgres, or start Alra as another user',
      error,
    );
  }
  return (await lookUp()) ?? Promise.reject(new StartFailed('PostgreSQL', 'the system user postgres was made but cannot be found'));
}

/** A launcher for the account that reaches all the paths, with as little power as that takes. */
export async function launcherFor(account: Account, paths: readonly string[]): Promise<Launcher> {
  const candidates = [{ user: account, prefix: [] }, withCapability(account, 'dac_read_search'), withCapability(account, 'dac_override')];
  for (const launcher of candidates) if (await reaches(launcher, paths)) return launcher;
  throw new StartFailed(
    'PostgreSQL',
    `it refuses to run as root, and the system user it runs as instead (${account.uid}) may not enter ${paths.join(' and ')}; ` +
      'move the project to a directory others may enter (as /opt), or start Alra as another user',
  );
}

/**
 * Below a closed directory (/root) the account may pass only with a capability. PostgreSQL asks access(2) about its own
 * program, which ignores the capabilities of everybody but root unless no_setuid_fixup is set.
 */
function withCapability({ uid, gid }: Account, capability: string): Launcher {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  const powers = ['--securebits=+no_setuid_fixup', `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
  return { prefix: ['setpriv', ...ids, ...powers, '--'] };
}

async function reaches({ user, prefix }: Launcher, paths: readonly string[]): Promise<boolean> {
  const [command = '', ...args] = [...prefix, 'test', ...paths.flatMap((path) => ['-a', '-x', path]).slice(1)];
  try {
    await run(command, args, { ...environment(), ...user });
    return true;
  } catch {
    return false; // no setpriv, no such capability here, or not reachable: all the same answer
  }
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'], environment())));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return undefined; // id fails exactly when there is no such user
  }
}

function environment(): { cwd: string; env: Record<string, string> } {
  return { cwd: '/', env: { PATH: systemPath, LC_ALL: 'C' } };
}
