/** A wanted TCP port is taken by another process. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  constructor(
    readonly port: number,
    cause?: unknown,
  ) {
    super(`Port ${port} on 127.0.0.1 is in use: stop the program that holds it or choose another port`, { cause });
  }
}

/** A program Alra needs is not on this machine. */
export class ProgramMissing extends Error {
  override readonly name = 'ProgramMissing';
  constructor(
    readonly program: string,
    whatToDo: string,
    cause?: unknown,
  ) {
    super(`${program} is missing: ${whatToDo}`, { cause });
  }
}

/** The data directory cannot be used as it is; nothing in it was changed. */
export class DataDirBroken extends Error {
  override readonly name = 'DataDirBroken';
  constructor(
    readonly path: string,
    problem: string,
    cause?: unknown,
  ) {
    super(`${path}: ${problem}`, { cause });
  }
}

/** A server program was started and did not become ready. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  constructor(
    program: string,
    problem: string,
    readonly logLines: readonly string[] = [],
    cause?: unknown,
  ) {
    const last = logLines.at(-1);
    super(`${program} did not start: ${problem}${last === undefined ? '' : ` (its log ends with: ${last})`}`, {
      cause,
    });
  }
}

/** Another Alra works in the same data directory. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  constructor(
    readonly pid: number,
    dir: string,
  ) {
    super(`Alra is already running in ${dir} (process ${pid}): stop it first or choose another directory with --data`);
  }
}

/** A database given from outside lacks what Alra needs, and Alra may not make it. */
export class DatabaseNotPrepared extends Error {
  override readonly name = 'DatabaseNotPrepared';
  constructor(statements: readonly string[], cause?: unknown) {
    super(`The database is not prepared and its owner may not do it; run as its administrator: ${statements.join('; ')};`, { cause });
  }
}

/** A database given from outside cannot be reached. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
  constructor(variable: string, url: string, cause: Error) {
    const { username, host, pathname } = new URL(url);
    super(`${variable}: cannot connect to ${host}${pathname} as ${username}: ${cause.message || 'no answer'}`, {
      cause,
    });
  }
}
