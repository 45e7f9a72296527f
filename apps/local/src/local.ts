import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { migrate } from '#db';
import { checkNatsDurability, type Embedded, freePort, PortInUse, startEmbedded } from '#embedded';
import { type Running, serveOps } from '#server';
import { startApps } from './apps.js';
import { completeEnvironment } from './environment.js';
import type { LocalOptions } from './options.js';
import { Progress } from './progress.js';

const ROOT = new URL('../../../../', import.meta.url).pathname;
const HOST = '127.0.0.1';

/** The whole product in this process. */
export interface Local {
  readonly apps: readonly Running[];
  /** Stops taking work, finishes what is in hand, then stops every server that was started. */
  stop(): Promise<void>;
}

/** NATS would lose what it acknowledged in a power cut; the message names the setting. */
class NatsNotDurable extends Error {
  override readonly name = 'NatsNotDurable';
}

/** Starts servers, database and apps. `tell` gets a line when a server died that nobody stopped, and when it is back. */
export async function startLocal(options: LocalOptions, tell: (line: string) => void): Promise<Local> {
  const progress = new Progress();
  await ensureFree(options.port);
  const embedded = await startEmbedded({
    dataDir: options.dataDir,
    binDir: join(ROOT, '.data', 'bin'),
    external: options.external,
    progress: (line) => progress.say(line),
    onLost: (name, code) =>
      tell(`${name} ended unexpectedly (${code ?? 'killed'}), starting it again: see ${join(options.dataDir, 'logs')}`),
    onBack: (name) => tell(`${name} runs again`),
  });
  try {
    return await startOn(embedded, options, progress);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

async function startOn(embedded: Embedded, options: LocalOptions, progress: Progress): Promise<Local> {
  await checkDurability(embedded.urls.natsMonitorUrl, progress);
  await progress.step('database migrated', () => migrate(embedded.urls.databaseOwnerUrl, join(ROOT, 'prisma')));
  const logFile = join(options.dataDir, 'logs', 'alra.log');
  const { urls, secrets } = embedded;
  const { dataDir, publicUrl } = options;
  await completeEnvironment({ dataDir, publicUrl, issuerPort: await freePort(), urls, masterKey: secrets.masterKey });
  const env = { LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info', LOG_FILE: logFile };
  const apps = await progress.step('seven apps started', () => startApps(options.port, HOST, env));
  const opsPort = options.port === 65_535 ? await freePort() : options.port + 1;
  const ops = await serveOps(opsPort, HOST, () => apps.flatMap((app) => app.checks)).catch(async () =>
    serveOps(await freePort(), HOST, () => apps.flatMap((app) => app.checks)),
  );
  await welcome(options, apps, progress);
  return {
    apps,
    stop: async () => {
      const [gateway, ...workers] = apps.toReversed();
      // the edge first: nothing new comes in while the rest finishes
      await gateway?.close();
      await Promise.all(workers.map((app) => app.close()));
      ops.close();
      await embedded.stop();
    },
  };
}

async function checkDurability(monitorUrl: string | undefined, progress: Progress): Promise<void> {
  if (monitorUrl === undefined) {
    progress.say('! NATS_MONITOR_URL is not set: whether this NATS keeps what it acknowledges cannot be checked');
    return;
  }
  const durability = await checkNatsDurability(monitorUrl);
  switch (durability.status) {
    case 'durable':
      progress.say('✓ NATS writes every acknowledged message to disk');
      return;
    case 'not-durable':
      throw new NatsNotDurable(
        `NATS could lose acknowledged messages (${durability.reason}): set "sync_interval: always" in its jetstream block`,
      );
    case 'unknown':
      progress.say(`! whether NATS keeps what it acknowledges could not be checked: ${durability.reason}`);
  }
}

async function welcome(options: LocalOptions, apps: readonly Running[], progress: Progress): Promise<void> {
  const { FirstStartService } = await import('../../user/src/user.module.js');
  const user = apps.find((app) => app.app === 'user');
  const administrator = user?.nest.get(FirstStartService).administrator;
  progress.say('');
  progress.say(`  Alra is ready after ${progress.total}: ${options.publicUrl}  (API documentation: ${options.publicUrl}/docs)`);
  if (administrator) progress.say(`  First administrator, shown this once: ${administrator.email} / ${administrator.password}`);
  progress.say(`  API clients of the operator and of your first organisation: ${join(options.dataDir, 'credentials.json')}`);
  progress.say(`  Logs: ${join(options.dataDir, 'logs')}   Stop: Ctrl-C`);
  progress.say('');
}

/** Finds out before anything is started; Throws PortInUse. */
async function ensureFree(port: number): Promise<void> {
  const probe = createServer();
  const outcome = await Promise.race([
    once(probe.listen(port, HOST), 'listening').then(() => 'free' as const),
    once(probe, 'error').then(() => 'taken' as const),
  ]).catch(() => 'taken' as const);
  probe.close();
  if (outcome === 'taken') throw new PortInUse(port);
}
