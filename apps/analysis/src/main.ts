import { alone, run } from '#server';
import { env } from './env.js';
import { AnalysisModule } from './analysis.module.js';

await alone(env, () => run({ app: 'analysis', module: AnalysisModule, env }));
