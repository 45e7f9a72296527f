import { alone, run } from '#server';
import { env } from './env.js';
import { ConfigModule } from './config.module.js';

await alone(env, () => run({ app: 'config', module: ConfigModule, env }));
