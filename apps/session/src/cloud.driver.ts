import { Injectable } from '@nestjs/common';
import { Driver, type SendOutcome } from './driver.js';

/** The Cloud API as a line that receives: its webhooks come in through the gateway. It says so when asked to send. */
@Injectable()
export class CloudDriver extends Driver {
  override readonly name = 'cloud';

  override send(): Promise<SendOutcome> {
    return Promise.resolve({ status: 'failed', reason: 'This session only receives: sending over the Cloud API is not set up.' });
  }
}
