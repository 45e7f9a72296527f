import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { MessageModule } = await import('./message.module.js');
  return { env, running: await run({ app: 'message', module: MessageModule, env }) };
});
