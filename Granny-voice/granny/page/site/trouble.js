/** What keeps a call from beginning, by the slugs for which words/*.js has a sentence. */
export class Trouble extends Error {
  /** @param {string} slug */
  constructor(slug) {
    super(slug);
    this.slug = slug;
  }
}

/** Windows inside other programs, which often have no microphone: Facebook, Instagram, LINE, WeChat, Google, Android's. */
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|\bLine\/|MicroMessenger|\bGSA\/|Snapchat|; wv\)/;

/**
 * What about this browser makes a call impossible, or "".
 *
 * @param {{isSecureContext: boolean, navigator: {userAgent: string, mediaDevices?: {getUserMedia?: unknown}},
 *   RTCPeerConnection?: unknown, WebSocket?: unknown, AudioContext?: unknown}} browser  the window
 */
export function browserTrouble(browser) {
  if (!browser.isSecureContext) return "insecure"; // there, even a good browser hides its microphone
  const isAble = browser.navigator.mediaDevices?.getUserMedia && browser.RTCPeerConnection && browser.AudioContext;
  if (isAble) return "";
  return IN_APP.test(browser.navigator.userAgent) ? "in-app-browser" : "browser-too-old";
}

/**
 * Why there is no microphone.
 *
 * @param {unknown} error  what getUserMedia threw
 * @param {string} permission  "granted", "prompt", "denied" or "" as the browser tells it afterwards
 */
export function microphoneTrouble(error, permission, userAgent = "") {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    if (IN_APP.test(userAgent)) return "in-app-browser";
    return permission === "prompt" ? "microphone-dismissed" : "microphone-denied";
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") return "microphone-none";
  if (name === "NotReadableError" || name === "AbortError") return "microphone-busy";
  return "browser-too-old";
}
