// For `node --import`: ends the process as a power cut would, right before or right after its n-th publish of message.stored.
// It patches the very module the built product runs on, so that nothing in the product knows of it.
import { Bus } from '../../../dist/libs/bus/src/index.js';

const { CRASH_PLACE, CRASH_AT } = process.env;
const { publish } = Bus.prototype;
let seen = 0;

Bus.prototype.publish = async function (event, options, data) {
  if (event.name === 'message.stored') seen += 1;
  if (event.name !== 'message.stored' || seen !== Number(CRASH_AT)) return publish.call(this, event, options, data);
  if (CRASH_PLACE === 'after') await publish.call(this, event, options, data);
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};
