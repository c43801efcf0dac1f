/** Ignores a second tap: a trembling hand taps twice, and the second must not hang up. */
export class Taps {
  #last = -Infinity;
  #now;

  /** @param {number} pause  in milliseconds @param {() => number} now */
  constructor(pause = 1000, now = () => performance.now()) {
    this.pause = pause;
    this.#now = now;
  }

  /** Whether this tap counts. One that does not makes the pause no longer. */
  counts() {
    const now = this.#now();
    if (now - this.#last < this.pause) return false;
    this.#last = now;
    return true;
  }
}
