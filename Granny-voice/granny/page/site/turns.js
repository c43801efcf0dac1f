/**
 * What was said, in the order of turns: pure.
 *
 * The caller's words come later than her answer to them: OpenAI writes them down beside the talk. So their place is kept
 * when she begins to think, and filled when they are there.
 *
 * @typedef {{who: "granny"|"caller", id: string, text: string, final: boolean}} Turn
 */
export class Turns {
  /** @type {(Turn | null)[]} a place that is kept is null */
  #turns = [];

  /** All turns that have words, oldest first. */
  get all() {
    return this.#turns.filter((turn) => turn !== null).filter((turn) => turn.text.trim() !== "");
  }

  /** She has heard something, and begins to think: its words will stand here. */
  keepPlace() {
    if (this.#turns.at(-1)?.who !== "granny") return; // the words are there already, or nobody has spoken yet
    this.#turns = [...this.#turns.filter(Boolean), null]; // words that never came are not waited for any longer
  }

  /** Words of somebody, all that are known of this turn so far. */
  put(/** @type {Turn} */ turn) {
    const known = this.#turns.findIndex((one) => one?.who === turn.who && one.id === turn.id);
    if (known >= 0) this.#turns[known] = turn;
    else this.#turns.splice(this.#placeFor(turn), 1, turn);
  }

  #placeFor(/** @type {Turn} */ turn) {
    const kept = turn.who === "caller" ? this.#turns.indexOf(null) : -1;
    return kept >= 0 ? kept : this.#turns.length;
  }
}
