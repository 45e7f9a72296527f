import { alone, run } from '#server';
import { env } from './env.js';
import { UserModule } from './user.module.js';

await alone(env, () => run({ app: 'user', module: UserModule, env }));
