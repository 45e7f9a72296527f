import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnce } from '#crypto';
import type { EmbeddedUrls } from '#embedded';

export interface EnvironmentOptions {
  readonly dataDir: string;
  readonly publicUrl: string;
  readonly issuerPort: number;
  readonly urls: EmbeddedUrls;
  /** the installation's master key, 32 bytes in base64 */
  readonly masterKey: string;
}

/**
 * Completes the environment the apps read, and leaves the same in `<data>/app.env`, so that an app can be started alone
 * beside them: `npx node --env-file=.data/app.env dist/apps/message/src/main.js`.
 */
export async function completeEnvironment(options: EnvironmentOptions): Promise<void> {
  const { dataDir, publicUrl, issuerPort, urls, masterKey } = options;
  const masterKeyFile = join(dataDir, 'master.key');
  await writeOnce(masterKeyFile, `${masterKey}\n`);
  const variables = {
    DATABASE_URL: urls.databaseUrl,
    NATS_URL: urls.natsUrl,
    REDIS_URL: urls.redisUrl,
    PUBLIC_URL: publicUrl,
    ISSUER_PORT: String(issuerPort),
    ISSUER_URL: `http://127.0.0.1:${issuerPort}`,
    KEYS_DIR: join(dataDir, 'keys'),
    MASTER_KEY_FILE: masterKeyFile,
    CREDENTIALS_FILE: join(dataDir, 'credentials.json'),
  };
  Object.assign(process.env, variables);
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(dataDir, 'app.env'), lines.join(''), { mode: 0o600 });
}
