/** Clocks by name, of which it is only said which are to run. */
export class Clocks {
  #running = new Map();
  #timers;
  #lengths;
  #ring;

  /**
   * @param {Record<string, number>} lengths  how long each runs, in milliseconds
   * @param {(name: string) => void} ring  called when one has run out
   * @param {{setTimeout: Function, clearTimeout: Function}} timers
   */
  constructor(lengths, ring, timers = globalThis) {
    this.#lengths = lengths;
    this.#ring = ring;
    this.#timers = timers;
  }

  /** Let these run, and no others; one that has run out stays so until it has once not been asked for. */
  keep(/** @type {string[]} */ names) {
    for (const [name, timer] of this.#running) {
      if (names.includes(name)) continue;
      this.#timers.clearTimeout(timer);
      this.#running.delete(name);
    }
    for (const name of names) {
      if (!this.#running.has(name)) {
        this.#running.set(name, this.#timers.setTimeout(() => this.#ring(name), this.#lengths[name]));
      }
    }
  }
}
