/** A ciphertext was not made by this key for this place: corrupt, swapped or forged. Never goes away by itself. */
export class DecryptionFailed extends Error {
  override readonly name = 'DecryptionFailed';
}

/** The organisation has no key here (yet); it may come with the next look. */
export class OrganisationKeyMissing extends Error {
  override readonly name = 'OrganisationKeyMissing';
}

/** The master key file is missing, unreadable or of the wrong size; nothing can be read without it. */
export class MasterKeyUnusable extends Error {
  override readonly name = 'MasterKeyUnusable';
}

/** How a key failure is to be met: a missing key may come, a wrong ciphertext never opens. */
export function judgeKeys(error: unknown): 'away' | 'poison' | 'unknown' {
  if (error instanceof OrganisationKeyMissing) return 'away';
  return error instanceof DecryptionFailed ? 'poison' : 'unknown';
}
