import { run, type Running } from '#server';

interface Env {
  readonly LOG_LEVEL: string;
  readonly LOG_FILE: string | undefined;
}

/**
 * Starts every server app in this process, each as its own Nest application (two modules in one would share their
 * consumers). The modules read their environment when they are imported, so this comes after it is complete.
 */
export async function startApps(port: number, host: string, env: Env): Promise<Running[]> {
  const { ConfigModule } = await import('../../config/src/config.module.js');
  const { UserModule } = await import('../../user/src/user.module.js');
  const { SessionModule } = await import('../../session/src/session.module.js');
  const { MessageModule } = await import('../../message/src/message.module.js');
  const { AnalysisModule } = await import('../../analysis/src/analysis.module.js');
  const { NotificationModule } = await import('../../notification/src/notification.module.js');
  const { GatewayModule } = await import('../../gateway/src/gateway.module.js');
  const workers = await Promise.all([
    run({ app: 'config', module: ConfigModule, env }),
    run({ app: 'user', module: UserModule, env }),
    run({ app: 'session', module: SessionModule, env }),
    run({ app: 'message', module: MessageModule, env }),
    run({ app: 'analysis', module: AnalysisModule, env }),
    run({ app: 'notification', module: NotificationModule, env }),
  ]);
  // last, when everything it asks is there
  const gateway = await run({
    app: 'gateway',
    module: GatewayModule,
    env,
    listen: { port, host },
    prepare: (nest) => GatewayModule.prepare(nest),
  });
  return [...workers, gateway];
}
