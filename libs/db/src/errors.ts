/** The database role the process runs as could read or change other organisations' rows; it must not start. */
export class UnsafeDatabaseRole extends Error {
  override readonly name = 'UnsafeDatabaseRole';
}

/** SQLSTATE classes and codes that pass by themselves: connection, resources, operator intervention, serialization, lock, shutdown. */
const TRANSIENT_SQLSTATE = /^(08|53|57|58|40|55P03|25006|XX000)/;
/** Prisma's own codes: cannot reach, timed out, closed, pool exhausted, transaction could not start or was lost, write conflict. */
const TRANSIENT_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
const TRANSIENT_NODE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const DATA_SQLSTATE = /^(22|23)/;
const LOST_CONNECTION =
  /connection (terminated|ended|closed|timeout)|not queryable|timeout exceeded when trying to connect|Client was closed|server closed the connection|Can't reach database|transaction already closed/i;

/** Codes found in the error, in what it wraps and in what its driver adapter reports, outermost first. */
function codesOf(error: unknown, depth = 0): string[] {
  if (depth > 6 || typeof error !== 'object' || error === null) return [];
  const codes: string[] = [];
  for (const key of ['code', 'originalCode'] as const) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'string') codes.push(value);
  }
  for (const key of ['cause', 'meta', 'driverAdapterError', 'error'] as const) codes.push(...codesOf(Reflect.get(error, key), depth + 1));
  return codes;
}

/** Whether a database failure is about the statement's data or text: the same statement will always fail. */
export function isDataError(error: unknown): boolean {
  return codesOf(error).some((code) => DATA_SQLSTATE.test(code));
}

/** Whether a database failure passes by itself, so that the same statement is worth trying again. */
export function isDatabaseAway(error: unknown): boolean {
  const codes = codesOf(error);
  if (codes.some((code) => DATA_SQLSTATE.test(code))) return false;
  if (codes.some((code) => TRANSIENT_SQLSTATE.test(code) || TRANSIENT_PRISMA.has(code) || TRANSIENT_NODE.has(code))) return true;
  return error instanceof Error && LOST_CONNECTION.test(error.message);
}

/** How a database failure is to be met: held until the database is back, put aside for ever, or not known here. */
export function judgeDatabase(error: unknown): 'away' | 'poison' | 'unknown' {
  if (isDatabaseAway(error)) return 'away';
  return isDataError(error) ? 'poison' : 'unknown';
}
