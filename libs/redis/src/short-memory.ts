const MOST = 10_000;

/** A value per key in this process for a moment: for reads that come with every message, where a second of staleness is agreed. */
export class ShortMemory<T> {
  readonly #entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();

  constructor(private readonly milliseconds: number) {}

  /** The value read at most so many milliseconds ago, else what `load` gives; a failed read is not remembered. */
  remember(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known && known.until > performance.now()) return known.value;
    if (this.#entries.size >= MOST) this.#entries.clear();
    const value = load();
    this.#entries.set(key, { value, until: performance.now() + this.milliseconds });
    value.catch(() => this.#entries.delete(key));
    return value;
  }
}
