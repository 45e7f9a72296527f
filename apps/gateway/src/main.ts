import { alone, run } from '#server';
import { env } from './env.js';
import { GatewayModule } from './gateway.module.js';

await alone(env, () =>
  run({
    app: 'gateway',
    module: GatewayModule,
    env,
    listen: { port: env.PORT, host: env.HOST },
    prepare: (nest) => GatewayModule.prepare(nest),
  }),
);
