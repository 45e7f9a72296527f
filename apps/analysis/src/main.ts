import { alone, run } from '#server';

await alone(async () => {
  const { env } = await import('./env.js');
  const { AnalysisModule } = await import('./analysis.module.js');
  return { env, running: await run({ app: 'analysis', module: AnalysisModule, env }) };
});
