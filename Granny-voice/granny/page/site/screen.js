/** Puts onto the page what the call has come to; nothing is decided here. */
import { sentence, trouble } from "./call_state.js";
import { STEPS } from "./loudspeaker.js";
import { Words } from "./words.js";

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class Screen {
  #words = new Words("", STRANGERS);

  constructor() {
    followEnd(find("captions"));
  }

  /** What does not change during a call. @param {Words} words @param {import("./house.js").Hello | null} hello */
  showNames(words, hello) {
    this.#words = words;
    const say = (/** @type {string} */ name) => this.#words.say(name);
    document.documentElement.lang = this.#words.language;
    document.title = say("title");
    find("granny").textContent = say("granny");
    put("hello", hello?.called ? say("hello") : "");
    put("rehearsal", hello?.rehearsal ? say("rehearsal") : "");
    find("captions").setAttribute("aria-label", say("captions"));
    for (const [id, name] of [["quieter", "quieter"], ["louder", "louder"], ["hangup", "hang-up"]]) {
      find(id).textContent = say(`button.${name}`);
    }
  }

  /** What a button says once the address is copied. */
  get copied() {
    return this.#words.say("button.copied");
  }

  /** Before there is a call: one moment, or what is wrong with the page itself. */
  showOpening(/** @type {string} */ slug) {
    find("page").dataset.phase = slug ? "ready" : "opening";
    this.#showState(slug ? "" : "opening");
    this.#showTrouble(slug);
    this.#showTalk(slug && this.#words.advice(slug).button);
  }

  show(/** @type {import("./call.js").Call} */ call) {
    const { state } = call;
    const isReady = state.phase === "ready";
    const page = find("page");
    const wasReady = page.dataset.screen === "ready";
    page.dataset.screen = isReady ? "ready" : "call";
    page.dataset.phase = state.phase;
    this.#showState(sentence(state));
    this.#showTrouble(trouble(state));
    this.#showTalk(isReady ? this.#buttonFor(state) : "");
    page.toggleAttribute("data-mend", state.mend !== "");
    put("mend", state.mend && this.#words.say(state.mend === "sound" ? "button.hear" : "button.microphone"));
    find("captions").hidden = find("controls").hidden = isReady;
    this.#showLoudness(call.loudness);
    this.#showTurns(call.turns.all);
    if (wasReady !== isReady) find(isReady ? "talk" : "hangup").focus({ preventScroll: true });
  }

  #buttonFor(/** @type {import("./call_state.js").CallState} */ state) {
    if (state.trouble) return this.#words.advice(state.trouble).button;
    return this.#words.say(state.ending ? "button.call-again" : "button.talk");
  }

  #showTalk(/** @type {string} */ text) {
    put("talk", text);
    find("talk").toggleAttribute("data-long", text.length > LONG);
  }

  #showState(/** @type {string} */ name) {
    find("state").dataset.state = name;
    setText(find("state"), name && this.#words.say(`state.${name}`));
  }

  /** Written anew only when it is another: a screen reader would say it again. */
  #showTrouble(/** @type {string} */ slug) {
    const box = find("trouble");
    if (box.dataset.trouble === slug) return;
    box.dataset.trouble = slug;
    find("page").toggleAttribute("data-wrong", slug !== "");
    box.replaceChildren(...(slug ? this.#words.advice(slug).says.map((said) => paragraph(said)) : []));
  }

  #showLoudness(/** @type {number} */ step) {
    const isLoudest = step === STEPS.length - 1;
    find("quieter").setAttribute("aria-disabled", String(step === 0));
    find("louder").setAttribute("aria-disabled", String(isLoudest));
    put("headphones", isLoudest ? this.#words.say("headphones") : "");
  }

  #showTurns(/** @type {import("./turns.js").Turn[]} */ turns) {
    const log = find("captions");
    turns.forEach((turn, place) => {
      const shown = /** @type {HTMLElement} */ (log.children[place]) ?? log.appendChild(emptyTurn());
      shown.dataset.who = turn.who;
      setText(shown.children[0], `${this.#words.say(turn.who)}:`);
      setText(shown.children[1], turn.text.trim());
    });
    while (log.children.length > turns.length) log.lastElementChild?.remove();
  }
}

/** Before it is known who calls whom. */
export const STRANGERS = Object.freeze({ granny: "Granny", called: "" });
const LONG = 20; // letters on the large button, more than which are written smaller
const NEAR_END_PX = 60;

/** Keep the last words in sight, whatever grows or shrinks; but leave who reads what was said before where she is. */
function followEnd(/** @type {HTMLElement} */ log) {
  let isAtEnd = true;
  const follow = () => isAtEnd && log.scrollTo(0, log.scrollHeight);
  log.addEventListener("scroll", () => (isAtEnd = log.scrollTop + log.clientHeight > log.scrollHeight - NEAR_END_PX));
  new ResizeObserver(follow).observe(log);
  new MutationObserver(follow).observe(log, { childList: true, subtree: true, characterData: true });
}

/** Text that is empty is not there: no gap, no empty button. @param {string} id @param {string} text */
function put(id, text) {
  const element = find(id);
  element.hidden = !text;
  setText(element, text);
}

function setText(/** @type {Element} */ element, /** @type {string} */ text) {
  if (element.textContent !== text) element.textContent = text;
}

function paragraph(/** @type {string} */ text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function emptyTurn() {
  const turn = paragraph("");
  turn.className = "turn";
  const who = document.createElement("b");
  turn.append(who, document.createElement("span"));
  return turn;
}
