import { ensureBuild, ensureDependencies } from './lib/prepare.mjs';
import { main } from './lib/step.mjs';

await main(async () => {
  await ensureDependencies();
  await ensureBuild();
});
