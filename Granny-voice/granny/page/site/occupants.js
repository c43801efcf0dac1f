/**
 * Who is in a room of LiveKit's, and what that says of the call: pure.
 *
 * @typedef {{isAgent: boolean, attributes: Record<string, string>}} Occupant  somebody in the room but the caller
 */
export const FAULT = "granny.fault"; // topic of a message: she is in trouble; attribute: and leaves because of it
const ROLE = "granny.agent";
const BUSY = "busy"; // the voice that asks to wait
const STATE = "lk.agent.state";
const STATES = ["listening", "thinking", "speaking"];

export function isGranny(/** @type {Occupant} */ one) {
  return one.isAgent && one.attributes[ROLE] !== BUSY;
}

/** An agent, or LiveKit itself, which has no name: so her worker tells of a job that died. Nobody else is believed. */
export function mayTellFaults(/** @type {Occupant | undefined} */ sender, /** @type {string | undefined} */ identity) {
  return sender ? sender.isAgent : !identity;
}

/**
 * What there is to be told, as the events of a line.
 *
 * @param {Occupant[]} others @param {boolean} wasThere  whether Granny was, before
 * @returns {[type: string, detail: object][]}
 */
export function news(others, wasThere) {
  const granny = others.find(isGranny);
  /** @type {[string, object][]} */
  const told = Boolean(granny) === wasThere ? [] : [[granny ? "agent" : "agent-gone", {}]];
  if (granny) {
    const { [STATE]: state, [FAULT]: slug } = granny.attributes;
    if (STATES.includes(state)) told.push(["state", { state }]);
    if (slug) told.push(["fault", { slug, ends: true }]);
  } else if (others.some((one) => one.isAgent)) {
    told.push(["state", { state: "waiting" }]);
  }
  return told;
}

/** The slug in a message, or "" where it is none that she would send. */
export function faultIn(/** @type {Uint8Array} */ data) {
  try {
    const { fault } = JSON.parse(new TextDecoder().decode(data));
    return typeof fault === "string" ? fault : "";
  } catch {
    return "";
  }
}
