/**
 * She is sent for as the finger touches the button: the tap counts as it lets go, a tenth of a second later, and by then
 * she is halfway there. Whoever slides off the button calls nobody; she waits a while, and goes.
 */
const FRESH_MS = 5000; // sooner than either line gives a caller up who does not come

export class Early {
  /** @type {Promise<import("./house.js").Door> | null} */
  #asked = null;
  #at = 0;
  #ask;
  #now;

  /**
   * @param {() => Promise<import("./house.js").Door>} ask  a new room, to which she is on her way
   * @param {() => number} now  in milliseconds
   */
  constructor(ask, now = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /** The finger is down. Of several touches one asks. */
  begin() {
    if (this.#isFresh) return;
    const asked = this.#ask();
    asked.catch(() => this.#asked === asked && (this.#asked = null)); // the tap asks anew
    this.#asked = asked;
    this.#at = this.#now();
  }

  /** The tap: what was asked for as the finger came down, once, or now. */
  take() {
    const asked = this.#isFresh ? this.#asked : null;
    this.#asked = null;
    return asked ?? this.#ask();
  }

  get #isFresh() {
    return this.#asked !== null && this.#now() - this.#at < FRESH_MS;
  }
}
