import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { ConfigModule } = await import('./config.module.js');
  return { env, running: await run({ app: 'config', module: ConfigModule, env }) };
});
