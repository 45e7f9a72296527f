import { alone, run } from '#server';
import { env } from './env.js';
import { NotificationModule } from './notification.module.js';

await alone(env, () => run({ app: 'notification', module: NotificationModule, env }));
