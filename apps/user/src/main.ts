import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { UserModule } = await import('./user.module.js');
  return { env, running: await run({ app: 'user', module: UserModule, env }) };
});
