/** The caller's microphone: asked for in the tap, renewed when another call or a headset takes it away, off afterwards. */
import { Trouble, microphoneTrouble } from "./trouble.js";

const WISHED = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } };
const SETTLING_MS = 1000; // a headset that is taken or put away changes several devices, one after the other

/** Events: "muted" and "unmuted" (nothing comes from it, it comes again), "renewed" (another track), "lost". */
export class Microphone extends EventTarget {
  /** @type {MediaStreamTrack | null} */
  track = null;
  #isOpening = false;
  #device = "";
  #settling = 0;

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#onDevices());
    document.addEventListener("visibilitychange", () => this.#onVisible());
  }

  /** Ask for it. To be called in the tap. @throws {Trouble} */
  async open() {
    this.#isOpening = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WISHED);
      this.#use(stream.getAudioTracks()[0]);
      this.#device = await firstDevice();
      return this.track;
    } catch (error) {
      throw new Trouble(microphoneTrouble(error, await permission(), navigator.userAgent));
    } finally {
      this.#isOpening = false;
    }
  }

  /** Off, until it is opened anew: the browser's own sign of a microphone in use goes out. */
  close() {
    this.track?.stop();
    this.track = null;
  }

  /** Another track in place of one that is silent or gone. */
  async renew() {
    if (!this.track || this.#isOpening) return;
    try {
      await this.open();
      this.dispatchEvent(new Event(this.track.muted ? "lost" : "renewed"));
    } catch {
      this.dispatchEvent(new Event("lost"));
    }
  }

  #use(/** @type {MediaStreamTrack} */ track) {
    this.track?.stop();
    this.track = track;
    const now = (/** @type {() => void} */ act) => () => this.track === track && act();
    track.addEventListener("ended", now(() => this.renew()));
    track.addEventListener("mute", now(() => this.dispatchEvent(new Event("muted"))));
    track.addEventListener("unmute", now(() => this.dispatchEvent(new Event("unmuted"))));
  }

  #onVisible() {
    if (document.visibilityState === "visible" && isSilent(this.track)) this.renew();
  }

  #onDevices() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(async () => {
      if (this.track && (isSilent(this.track) || this.#device !== (await firstDevice()))) this.renew();
    }, SETTLING_MS);
  }
}

/** Whether nothing can come from a track; an interrupted one on iOS still calls itself live. */
function isSilent(/** @type {MediaStreamTrack | null} */ track) {
  return track !== null && (track.readyState === "ended" || track.muted);
}

/** The microphone that the system prefers: it comes first in the list. */
async function firstDevice() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const first = devices.find((device) => device.kind === "audioinput");
  return first ? `${first.groupId} ${first.label}` : "";
}

/** Whether the microphone is allowed on this page; "" where the browser does not tell. */
export async function permission() {
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") })).state;
  } catch {
    return "";
  }
}
