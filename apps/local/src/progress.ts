/** Tells the person at the terminal what happens, a line per step. */
export class Progress {
  readonly #began = performance.now();

  /** Runs a step and says how long it took; a failing step says nothing, its error will. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    this.say(`✓ ${name} (${seconds(began)})`);
    return result;
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  get total(): string {
    return seconds(this.#began);
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}
