/**
 * How a call goes on from what happens: pure, without a browser, a clock or a word.
 *
 * @typedef {object} CallState
 * @property {"ready"|"asking"|"calling"|"talking"} phase
 *   ready: no call; asking: for the microphone; calling: she is not there yet; talking: she is
 * @property {""|"waiting"|"listening"|"thinking"|"speaking"} granny  what she does, as far as it is known
 * @property {boolean} isAsked  the browser has been asking for the microphone long enough to say so
 * @property {boolean} isAgain  the line broke, and this is another try
 * @property {boolean} isGone  she has just left, which may be the end of the call
 * @property {boolean} isBroken  the line is being mended
 * @property {boolean} isInterrupted  and has been for long enough to say so
 * @property {boolean} isDeaf  nothing comes from the microphone
 * @property {""|"sound"|"microphone"} mend  what one tap would put right
 * @property {string} trouble  the slug of what is wrong, or ""
 * @property {string} told  a fault that she is dealing with herself: it is said only if the call ends of it
 * @property {boolean} isHeard  since the trouble was told, the caller has said something
 * @property {""|"hung-up"|"ended"} ending  how the last call ended
 *
 * @typedef {{type: string, [detail: string]: any}} Happening
 */

/** @type {Readonly<CallState>} */
export const READY = Object.freeze({
  phase: "ready",
  granny: "",
  isAsked: false,
  isAgain: false,
  isGone: false,
  isBroken: false,
  isInterrupted: false,
  isDeaf: false,
  mend: "",
  trouble: "",
  told: "",
  isHeard: false,
  ending: "",
});

/** Troubles in which the caller has something to do while the call goes on; and what they are once it has ended of them. */
const PASSING = new Map([
  ["nobody-yet", "nobody-came"],
  ["job-died", "something-went-wrong"],
  ["call-no-answer", "something-went-wrong"],
  ["call-deaf", "microphone-lost"],
]);

/** How long each clock runs, in milliseconds. */
export const CLOCKS = Object.freeze({
  asked: 700,
  late: 10_000,
  "given-up": 45_000,
  gone: 1_500,
  interrupted: 3_000,
  deaf: 3_000,
});

/**
 * @type {Record<string, (call: CallState, happening: Happening) => CallState>}
 */
const STEPS = {
  // what she who calls does
  tap: (call) => (call.phase === "ready" ? { ...READY, phase: "asking" } : call),
  "hang-up": (call) => (call.phase === "ready" ? call : over("hung-up")),

  // what her device does
  microphone: (call) => (call.phase === "asking" ? { ...call, phase: "calling", isAsked: false } : audible(call)),
  refused: (call, { slug }) => (call.phase === "ready" ? call : over("ended", slug)),
  muted: (call) => inCall(call, { isDeaf: true }),
  unmuted: audible,
  "microphone-lost": (call) => inCall(call, { isDeaf: false, mend: "microphone" }),
  blocked: (call) => inCall(call, { mend: "sound" }),
  sounding: (call) => (call.mend === "sound" ? { ...call, mend: "" } : call),

  // what the line does
  agent: (call) =>
    inCall(call, { phase: "talking", isAgain: false, isGone: false, trouble: without(call.trouble, "nobody-yet", "job-died") }),
  "agent-gone": (call) => inCall(call, { granny: "", isGone: true }),
  state: answered,
  caption: (call, { who }) => (who === "caller" ? { ...call, isHeard: true } : call),
  fault: faulty,
  reconnecting: (call) => inCall(call, { isBroken: true }),
  reconnected: (call) => inCall(call, { isBroken: false, isInterrupted: false }),
  again: (call) => inCall(call, { ...READY, phase: "calling", isAgain: true, isDeaf: call.isDeaf, mend: call.mend }),
  closed: (call, { slug }) => (call.phase === "ready" ? call : closed(slug || call.trouble || call.told)),

  // what the clocks say
  asked: (call) => ({ ...call, isAsked: call.phase === "asking" }),
  late: (call) => inCall(call, { trouble: call.trouble || "nobody-yet" }),
  "given-up": (call) => over("ended", call.isAgain ? "line-lost" : "nobody-came"),
  gone: (call) => (call.isGone ? { ...call, phase: "calling", isGone: false } : call),
  interrupted: (call) => ({ ...call, isInterrupted: call.isBroken }),
  deaf: (call) => call, // the microphone is opened anew
};

/** The call after something has happened; what makes no sense now changes nothing. */
export function next(/** @type {CallState} */ call, /** @type {Happening} */ happening) {
  return STEPS[happening.type](call, happening);
}

/** The clocks that are to run: one that stands here twice in a row goes on, one that does not is stopped. */
export function clocks(/** @type {CallState} */ call) {
  /** @type {(keyof typeof CLOCKS)[]} */
  const running = [];
  if (call.phase === "asking" && !call.isAsked) running.push("asked");
  if (isRinging(call)) running.push("late", "given-up");
  if (call.isGone) running.push("gone");
  if (call.isBroken && !call.isInterrupted) running.push("interrupted");
  if (call.isDeaf) running.push("deaf");
  return running;
}

/** Whether she is being called, and has not answered. */
export function isRinging(/** @type {CallState} */ call) {
  return call.phase === "calling" && call.granny !== "waiting";
}

/** Whether a line that broke is worth another: not if she had said why she leaves. */
export function goesOn(/** @type {CallState} */ call) {
  return call.trouble === "" || PASSING.has(call.trouble);
}

/** Which sentence of `state` tells it; "" where what is wrong says all. */
export function sentence(/** @type {CallState} */ call) {
  switch (call.phase) {
    case "ready":
      return call.trouble ? "" : call.ending || "ready";
    case "asking":
      return call.isAsked ? "asking" : "calling";
    case "calling":
      if (call.granny === "waiting") return "waiting";
      return call.isAgain ? "calling-again" : "calling";
    default:
      if (call.isInterrupted) return "interrupted";
      return isUnheard(call) ? "deaf" : call.granny || "there";
  }
}

/** Whether nothing of the caller reaches her. */
function isUnheard(/** @type {CallState} */ call) {
  return call.isDeaf || call.mend === "microphone";
}

/** What is wrong now: what one tap would put right comes first. */
export function trouble(/** @type {CallState} */ call) {
  const mends = { "": "", sound: "sound-blocked", microphone: "microphone-lost" };
  return mends[call.mend] || call.trouble;
}

/** @param {CallState} call @param {Happening} happening @returns {CallState} */
function answered(call, { state }) {
  if (state === "waiting") return inCall(call, { granny: state, trouble: without(call.trouble, "nobody-yet") });
  const isSettled = state === "speaking" && call.isHeard && PASSING.has(call.trouble);
  return inCall(call, {
    granny: state,
    told: state === "speaking" ? "" : call.told,
    isHeard: call.isHeard || state === "thinking",
    trouble: isSettled ? "" : call.trouble,
  });
}

/** One that ends the call; one in which the caller can help; one that only she can deal with. */
function faulty(/** @type {CallState} */ call, /** @type {Happening} */ { slug, ends }) {
  if (ends) return inCall(call, { trouble: PASSING.get(slug) ?? slug });
  return inCall(call, PASSING.has(slug) ? { trouble: slug, isHeard: false } : { told: slug });
}

/** @returns {CallState} */
function audible(/** @type {CallState} */ call) {
  return { ...call, isDeaf: false, mend: call.mend === "microphone" ? "" : call.mend };
}

function closed(/** @type {string} */ slug) {
  return over("ended", PASSING.get(slug) ?? slug);
}

/** @param {"hung-up"|"ended"} ending @returns {CallState} */
function over(ending, trouble = "") {
  return { ...READY, ending, trouble };
}

/** @param {CallState} call @param {Partial<CallState>} change @returns {CallState} */
function inCall(call, change) {
  return call.phase === "calling" || call.phase === "talking" ? { ...call, ...change } : call;
}

function without(/** @type {string} */ trouble, /** @type {string[]} */ ...settled) {
  return settled.includes(trouble) ? "" : trouble;
}
