import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { GatewayModule } = await import('./gateway.module.js');
  const listen = { port: env.PORT, host: env.HOST };
  const running = await run({ app: 'gateway', module: GatewayModule, env, listen, prepare: (nest) => GatewayModule.prepare(nest) });
  return { env, running };
});
