export { lockDataDir } from './data-lock.js';
export type { DataLock } from './data-lock.js';
export { startEmbedded } from './embedded.js';
export type { Embedded, EmbeddedName, EmbeddedOptions, EmbeddedUrls } from './embedded.js';
export {
  AlreadyRunning,
  DataDirBroken,
  DatabaseNotPrepared,
  DatabaseUnreachable,
  PortInUse,
  ProgramMissing,
  StartFailed,
} from './errors.js';
export { startNats } from './nats.js';
export type { Nats, NatsOptions } from './nats.js';
export { checkNatsDurability } from './nats-durability.js';
export type { NatsDurability } from './nats-durability.js';
export { freePort } from './ports.js';
export { startPostgres } from './postgres.js';
export type { Postgres, PostgresOptions } from './postgres.js';
export { startRedis } from './redis.js';
export type { Redis, RedisOptions } from './redis.js';
export { ensureRoles, roleNames, schemaGrants } from './roles.js';
export type { RolesOptions } from './roles.js';
export { createSecrets, loadSecrets } from './secrets.js';
export type { Secrets } from './secrets.js';
