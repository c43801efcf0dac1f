/**
 * She is sent for as the finger touches the button: the tap counts as it lets go, a tenth of a second later, and by then
 * she and the line are halfway there. Whoever slides off the button calls nobody; the line is closed a while later.
 */
const FRESH_MS = 5000; // sooner than she takes somebody who does not listen for unheard

export class Early {
  /** @type {Promise<import("./line.js").Line> | null} */
  #reaching = null;
  #timer = 0;
  #reach;

  /** @param {() => Promise<import("./line.js").Line>} reach  a line that has been reached, on which nothing is heard yet */
  constructor(reach) {
    this.#reach = reach;
  }

  /** The finger is down. Of several touches one calls. */
  begin() {
    if (this.#reaching) return;
    const reaching = this.#reach();
    reaching.catch(() => this.#reaching === reaching && this.#forget()); // the tap tries anew
    this.#reaching = reaching;
    this.#timer = setTimeout(() => this.#drop(), FRESH_MS);
  }

  /** The tap: the line that was begun as the finger came down, once; null if none was. */
  take() {
    const reaching = this.#reaching;
    this.#forget();
    return reaching;
  }

  #drop() {
    this.take()?.then((line) => line.close(), () => {});
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#reaching = null;
  }
}
