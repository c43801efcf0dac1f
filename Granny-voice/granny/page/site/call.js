/** One caller's calls: does what call_state.js decides, with the microphone, the loudspeaker and a line. */
import { CLOCKS, READY, clocks, goesOn, isRinging, next } from "./call_state.js";
import { Clocks } from "./clocks.js";
import { Early } from "./early.js";
import { TOLD } from "./line.js";
import { Loudspeaker, STEPS } from "./loudspeaker.js";
import { Microphone, permission } from "./microphone.js";
import { Trouble } from "./trouble.js";
import { Turns } from "./turns.js";
import { WakeLock } from "./wake_lock.js";

/** After a line broke: when to try a new one, in milliseconds after the last try. */
const AGAIN_MS = [0, 2000, 4000, 8000, 8000, 8000];

/** Event: "change", whenever there is something else to be shown. */
export class Call extends EventTarget {
  /** @type {import("./call_state.js").CallState} */
  state = READY;
  turns = new Turns();
  #isAllowed = false;
  #number = 0; // changes when a call is over: what is left of an earlier one is not listened to
  #step = 0;
  #microphone = new Microphone();
  #wakeLock = new WakeLock();
  #clocks = new Clocks(CLOCKS, (name) => this.#on({ type: name }));
  /** @type {AudioContext | undefined} */ #audioContext;
  /** @type {Loudspeaker | undefined} */ #loudspeaker;
  /** @type {import("./line.js").Line | null} */ #line = null;
  #makeLine;
  #askCall;
  #early;
  #link;

  /**
   * @param {() => Promise<import("./line.js").Line>} makeLine
   * @param {() => Promise<import("./house.js").Door>} askCall  a new room, and its token
   * @param {string} link  the secret of the link
   */
  constructor(makeLine, askCall, link) {
    super();
    this.#makeLine = makeLine;
    this.#askCall = askCall;
    this.#early = new Early(() => this.#reached());
    this.#link = link;
    document.addEventListener("visibilitychange", () => this.state.phase !== "ready" && this.#loudspeaker?.resume());
    permission().then((state) => (this.#isAllowed = state === "granted"));
    this.#microphone.addEventListener("muted", () => this.#on({ type: "muted" }));
    this.#microphone.addEventListener("unmuted", () => this.#on({ type: "unmuted" }));
    this.#microphone.addEventListener("lost", () => this.#on({ type: "microphone-lost" }));
    this.#microphone.addEventListener("renewed", () => this.#onRenewed());
  }

  /** The finger is on the large button: she is asked to come, where it is certain that the microphone will open. */
  expect() {
    if (this.state.phase === "ready" && this.#isAllowed) this.#early.begin();
  }

  /** The tap on the large button: all that a browser wants a tap for is asked for at once. */
  async start() {
    if (this.state.phase !== "ready") return;
    performance.mark("granny:tap");
    const number = this.#number;
    this.turns = new Turns();
    this.#on({ type: "tap" });
    this.#openSound();
    this.#wakeLock.on();
    const asked = this.#microphone.open();
    // the line is opened while the microphone opens, where it is certain that it will
    const early = this.#isAllowed ? this.#open(asked, this.#early.take() ?? this.#makeLine()) : null;
    early?.catch(() => {}); // it is looked at below
    try {
      await asked;
      if (number !== this.#number) return this.#hungUpMeanwhile();
      this.#isAllowed = true;
      this.#on({ type: "microphone" });
      await (early ?? this.#open(asked));
    } catch (error) {
      if (number === this.#number) this.#onTrouble(error);
    }
  }

  hangUp() {
    this.#on({ type: "hang-up" });
  }

  /** The tap that puts right what is in the way. */
  async mend() {
    if (this.state.mend === "microphone") await this.#microphone.renew();
    await this.#loudspeaker?.resume();
  }

  /** How loud she is: the number of the step. */
  get loudness() {
    return this.#step;
  }

  set loudness(step) {
    this.#step = Math.max(0, Math.min(step, STEPS.length - 1));
    this.#loudspeaker?.setVolume(STEPS[this.#step]);
    this.#changed();
  }

  #openSound() {
    this.#audioContext ??= new AudioContext();
    if (!this.#loudspeaker) {
      this.#loudspeaker = new Loudspeaker(this.#audioContext);
      this.#loudspeaker.setVolume(STEPS[this.#step]);
      this.#loudspeaker.addEventListener("sound", () => performance.mark("granny:sound"));
      this.#loudspeaker.addEventListener("blocked", () => this.#on({ type: "blocked" }));
      this.#loudspeaker.addEventListener("sounding", () => this.#on({ type: "sounding" }));
    }
    this.#loudspeaker.resume();
  }

  /** A line that waits for the tap. @throws {Trouble} */
  async #reached() {
    const line = await this.#makeLine();
    await line.reach(this.#askCall);
    return line;
  }

  /**
   * Until she can be heard. @throws {Trouble}
   * @param {Promise<MediaStreamTrack>} microphone @param {Promise<import("./line.js").Line>} coming
   */
  async #open(microphone, coming = this.#makeLine()) {
    const number = this.#number;
    const line = await coming;
    if (number !== this.#number) return line.close();
    this.#line = line;
    const ours = (/** @type {(event: any) => void} */ act) => (/** @type {any} */ event) => this.#line === line && act(event);
    for (const type of TOLD) line.addEventListener(type, ours(({ detail }) => this.#on({ type, ...detail })));
    line.addEventListener("closed", ours(({ detail }) => this.#onClosed(detail)));
    try {
      await line.open({
        microphone,
        loudspeaker: /** @type {Loudspeaker} */ (this.#loudspeaker),
        audioContext: /** @type {AudioContext} */ (this.#audioContext),
        fetchCall: this.#askCall,
        link: this.#link,
      });
    } catch (error) {
      if (this.#line !== line) return; // it was hung up meanwhile
      this.#line = null;
      throw error;
    }
  }

  /** The line broke for good: a new room, the same microphone. */
  async #again() {
    const number = this.#number;
    /** @type {unknown} */
    let trouble;
    for (const pause of AGAIN_MS) {
      await new Promise((done) => setTimeout(done, pause));
      if (number !== this.#number) return;
      try {
        return await this.#open(Promise.resolve(/** @type {MediaStreamTrack} */ (this.#microphone.track)));
      } catch (error) {
        trouble = error;
      }
    }
    if (number === this.#number) this.#onTrouble(trouble);
  }

  #onClosed(/** @type {{reason: string}} */ { reason }) {
    this.#line = null;
    if (reason === "lost" && goesOn(this.state)) {
      this.#on({ type: "again" });
      this.#again();
    } else {
      this.#on({ type: "closed" });
    }
  }

  #onRenewed() {
    const track = /** @type {MediaStreamTrack} */ (this.#microphone.track);
    this.#line?.useMicrophone(track).catch(() => this.#on({ type: "microphone-lost" }));
    this.#on({ type: "microphone" });
  }

  #onTrouble(/** @type {unknown} */ error) {
    this.#on({ type: "refused", slug: error instanceof Trouble ? error.slug : "something-went-wrong" });
  }

  #on(/** @type {import("./call_state.js").Happening} */ happening) {
    if (happening.type === "caption") this.turns.put(/** @type {any} */ (happening));
    if (happening.type === "state" && happening.state === "thinking") this.turns.keepPlace();
    this.state = next(this.state, happening);
    if (this.state.phase === "ready") this.#release();
    if (isRinging(this.state)) this.#loudspeaker?.ring.start();
    else this.#loudspeaker?.ring.stop();
    if (happening.type === "deaf") this.#microphone.renew();
    this.#clocks.keep(clocks(this.state));
    this.#changed();
  }

  #hungUpMeanwhile() {
    if (this.state.phase === "ready") this.#microphone.close();
  }

  /** No call any more: nothing of the device is held. */
  #release() {
    this.#number += 1;
    const line = this.#line;
    this.#line = null;
    line?.close();
    this.#microphone.close();
    this.#loudspeaker?.silence();
    this.#audioContext?.suspend();
    this.#wakeLock.off();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
