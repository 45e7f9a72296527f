import { alone, run } from '#server';
import { env } from './env.js';
import { MessageModule } from './message.module.js';

await alone(env, () => run({ app: 'message', module: MessageModule, env }));
