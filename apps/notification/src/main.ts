import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { NotificationModule } = await import('./notification.module.js');
  return { env, running: await run({ app: 'notification', module: NotificationModule, env }) };
});
