/** What the page asks of the server it came from, with the secret of its link. */
import { Trouble } from "./trouble.js";

/**
 * @typedef {{language: string, granny: string, called: string, line: "livekit"|"socket", rehearsal: boolean}} Hello
 * @typedef {{server_url: string, participant_token: string}} Door
 */

const KEPT = "granny.link";
const PATIENCE_MS = 10_000;

/** The link's secret: after the # of the address, which no server sees; or as it was kept when it was there. */
export function linkSecret() {
  return location.hash.slice(1) || stored(KEPT);
}

/** Who is called, and how. Only a link by which that is told is kept: none that is spoilt takes a good one's place.
 * @returns {Promise<Hello>} @throws {Trouble} */
export async function askHello(/** @type {string} */ secret) {
  const hello = await post("hello", secret);
  store(KEPT, secret);
  return hello;
}

/** A room of one's own, to which she is on her way. @returns {Promise<Door>} @throws {Trouble} */
export function askCall(/** @type {string} */ secret) {
  return post("call", secret);
}

async function post(/** @type {string} */ path, /** @type {string} */ secret) {
  if (!secret) throw new Trouble("link-missing");
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  const asked = {
    method: "POST",
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
    body: "{}",
    signal: patience.signal,
  };
  const answer = await fetch(path, asked)
    .catch(() => {
      throw new Trouble("page-unreachable");
    })
    .finally(() => clearTimeout(timer));
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Trouble(typeof said.fault === "string" ? said.fault : "something-went-wrong");
}

/** What this browser keeps for the page; a private window may keep nothing. */
export function stored(/** @type {string} */ name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function store(/** @type {string} */ name, /** @type {string} */ value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // then it is asked for again
  }
}
