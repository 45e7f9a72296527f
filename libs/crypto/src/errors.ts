/** A ciphertext was not made by this key for this place: corrupt, swapped or forged. Never goes away by itself. */
export class DecryptionFailed extends Error {
  override readonly name = 'DecryptionFailed';
}

/** The organisation has no key here (yet); it may come with the next look. */
export class OrganisationKeyMissing extends Error {
  override readonly name = 'OrganisationKeyMissing';
}

/** The organisation's key file is damaged, or was wrapped by another master key than the one in use; the right one may be put back. */
export class OrganisationKeyUnusable extends Error {
  override readonly name = 'OrganisationKeyUnusable';
}

/** The master key file is missing, unreadable or of the wrong size; nothing can be read without it. */
export class MasterKeyUnusable extends Error {
  override readonly name = 'MasterKeyUnusable';
}

/** How a key failure is to be met: a missing or wrong key may be put right, a wrong ciphertext never opens. */
export function judgeKeys(error: unknown): 'away' | 'poison' | 'unknown' {
  if (error instanceof OrganisationKeyMissing || error instanceof OrganisationKeyUnusable) return 'away';
  return error instanceof DecryptionFailed ? 'poison' : 'unknown';
}
