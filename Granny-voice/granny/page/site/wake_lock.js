/** Keeps the screen on during a call: on many a tablet a dark screen ends it. */
export class WakeLock {
  #isWished = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#take());
  }

  /** To be called in the tap. */
  on() {
    this.#isWished = true;
    return this.#take();
  }

  off() {
    this.#isWished = false;
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }

  async #take() {
    if (!this.#isWished || document.visibilityState !== "visible") return;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      if (!this.#isWished) this.off();
    } catch {
      // an older browser, or a battery that is saved: the call goes on
    }
  }
}
