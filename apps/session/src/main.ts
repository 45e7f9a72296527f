import { alone, run } from '#server';
import { env } from './env.js';
import { SessionModule } from './session.module.js';

await alone(env, () => run({ app: 'session', module: SessionModule, env }));
