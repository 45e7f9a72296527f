import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { SessionModule } = await import('./session.module.js');
  return { env, running: await run({ app: 'session', module: SessionModule, env }) };
});
