import { Ring } from "./ring.js";

/**
 * What she is heard through, as loud as the caller needs it.
 *
 * At ordinary loudness her track plays in an <audio> element, which every browser's echo canceller knows best. An element
 * cannot be louder than the recording, so beyond that it goes through Web Audio: louder, a little more so where consonants
 * are, for age takes the high tones first, and with a limiter behind, so that nothing crackles.
 */
export const STEPS = Object.freeze([1, 1.5, 2, 3]);

/** Events: "sound" (her first sound), "blocked" (the browser wants a tap first), "sounding". */
export class Loudspeaker extends EventTarget {
  /** @type {Map<MediaStreamTrack, {element: HTMLAudioElement, source: MediaStreamAudioSourceNode}>} */
  #tracks = new Map();
  #context;
  #gain;
  #presence;
  #volume = 1;
  #isOn = false;

  constructor(/** @type {AudioContext} */ context) {
    super();
    this.#context = context;
    this.#gain = context.createGain();
    this.#presence = new BiquadFilterNode(context, { type: "peaking", frequency: 3000, Q: 0.7, gain: 0 });
    this.#gain.connect(this.#presence).connect(limiter(context)).connect(context.destination);
    this.ring = new Ring(context, this.#gain);
    context.addEventListener("statechange", () => this.#onState());
  }

  /** Play a track until it is removed. */
  add(/** @type {MediaStreamTrack} */ track) {
    this.#isOn = true;
    const stream = new MediaStream([track]);
    const element = new Audio();
    element.srcObject = stream;
    this.#tracks.set(track, { element, source: this.#context.createMediaStreamSource(stream) });
    this.#route();
    this.#play(element);
    this.#listen(track);
  }

  remove(/** @type {MediaStreamTrack} */ track) {
    const playing = this.#tracks.get(track);
    if (!playing) return;
    playing.source.disconnect();
    playing.element.srcObject = null;
    this.#tracks.delete(track);
  }

  /** @param {number} volume  1 to 3 times */
  setVolume(volume) {
    this.#volume = volume;
    this.#gain.gain.setTargetAtTime(volume / MAKEUP, this.#context.currentTime, 0.05);
    this.#presence.gain.value = volume > 1 ? PRESENCE_DB : 0;
    this.#route();
  }

  /** Begin, in a tap. */
  async resume() {
    this.#isOn = true;
    await Promise.all([this.#context.resume(), ...[...this.#tracks.values()].map(({ element }) => this.#play(element))]);
  }

  /** Stop all, and give the device back. */
  silence() {
    this.#isOn = false;
    this.ring.stop();
    for (const track of [...this.#tracks.keys()]) this.remove(track);
  }

  /** Another call on the same device takes the sound away, on iOS for good. */
  #onState() {
    if (this.#isOn) this.dispatchEvent(new Event(this.#context.state === "running" ? "sounding" : "blocked"));
  }

  #route() {
    for (const { element, source } of this.#tracks.values()) {
      element.muted = this.#volume > 1;
      source.disconnect();
      if (element.muted) source.connect(this.#gain);
    }
  }

  async #play(/** @type {HTMLAudioElement} */ element) {
    try {
      await element.play();
      this.dispatchEvent(new Event("sounding"));
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.dispatchEvent(new Event("blocked"));
    }
  }

  /** Until a sound is on its way to the ear. */
  #listen(/** @type {MediaStreamTrack} */ track) {
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = this.#context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    source.connect(analyser);
    const looking = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const isHeard = samples.some((sample) => Math.abs(sample) > AUDIBLE);
      if (isHeard) this.dispatchEvent(new Event("sound"));
      if (isHeard || !this.#tracks.has(track)) {
        clearInterval(looking);
        source.disconnect();
      }
    }, LOOKING_MS);
  }
}

const PRESENCE_DB = 4;
/** A DynamicsCompressorNode makes everything louder by itself: by 0.6 of the 5.7 dB that this one takes from the loudest. */
const MAKEUP = 10 ** ((0.6 * 5.7) / 20);
const AUDIBLE = 0.003;
const LOOKING_MS = 20;

/** Lets through what is quiet, and holds back what would be louder than the device can play. */
function limiter(/** @type {AudioContext} */ context) {
  return new DynamicsCompressorNode(context, { threshold: -6, knee: 0, ratio: 20, attack: 0.003, release: 0.1 });
}
