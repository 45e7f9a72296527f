/** Whether a message that JetStream acknowledged is on disk. */
export type NatsDurability =
  | { readonly status: 'durable' }
  | { readonly status: 'not-durable'; readonly reason: string }
  | { readonly status: 'unknown'; readonly reason: string };

/** Asks a nats-server's monitoring port. */
export async function checkNatsDurability(monitorUrl: string): Promise<NatsDurability> {
  try {
    const response = await fetch(new URL('varz', monitorUrl.endsWith('/') ? monitorUrl : `${monitorUrl}/`), {
      signal: AbortSignal.timeout(2_000),
    });
    if (!response.ok) return { status: 'unknown', reason: `${monitorUrl} answers ${response.status} to /varz` };
    return judge((await response.json()) as Varz);
  } catch (error) {
    return {
      status: 'unknown',
      reason: `${monitorUrl} does not answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

interface Varz {
  readonly version?: string;
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

function judge({ version = '', jetstream }: Varz): NatsDurability {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version === '') return { status: 'unknown', reason: 'this is not the monitoring port of a nats-server' };
  if (major < 2 || (major === 2 && minor < 12))
    return { status: 'not-durable', reason: `nats-server ${version} is too old: 2.12 or newer is needed` };
  if (jetstream?.config === undefined) return { status: 'not-durable', reason: 'JetStream is off' };
  if (jetstream.config.sync_always !== true) {
    return {
      status: 'not-durable',
      reason: 'acknowledged messages are not on disk yet: set sync_interval: always in its jetstream block',
    };
  }
  return { status: 'durable' };
}
