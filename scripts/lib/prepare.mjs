export { ensureBuild, ensureClient } from './build.mjs';
export { ensureDependencies, node24 } from './dependencies.mjs';
export { ensureServers } from './servers.mjs';
