/** The issuer cannot start with these options; the message names the one to change. */
export class IssuerMisconfigured extends Error {
  override readonly name = 'IssuerMisconfigured';
}

/** The OAuth library wanted to keep something: a feature that needs storage was switched on without giving it any. */
export class IssuerKeepsNothing extends Error {
  override readonly name = 'IssuerKeepsNothing';

  constructor(model: string) {
    super(`The issuer stores nothing, so it cannot keep a ${model}: give the adapter storage before using this feature`);
  }
}

/** Too many passwords are being hashed at once; the caller should answer 503 and ask to try again. */
export class PasswordServiceBusy extends Error {
  override readonly name = 'PasswordServiceBusy';

  constructor() {
    super('Too many passwords are being checked at once');
  }
}
