/** The ringing that is heard until she answers: whoever hears it knows that the sound works, and that somebody is called. */
const HERTZ = 425;
const LOUD = 0.06;
const EDGE_SECONDS = 0.03;
const TONE_SECONDS = 1;
const ROUND_SECONDS = 5;

export class Ring {
  /** @type {AudioBufferSourceNode | null} */
  #playing = null;
  #context;
  #output;

  constructor(/** @type {AudioContext} */ context, /** @type {AudioNode} */ output) {
    this.#context = context;
    this.#output = output;
  }

  start() {
    if (this.#playing) return;
    this.#playing = new AudioBufferSourceNode(this.#context, { buffer: this.#round(), loop: true });
    this.#playing.connect(this.#output);
    this.#playing.start();
  }

  stop() {
    this.#playing?.stop();
    this.#playing = null;
  }

  /** A tone, and the silence after it. */
  #round() {
    const rate = this.#context.sampleRate;
    const buffer = this.#context.createBuffer(1, rate * ROUND_SECONDS, rate);
    const samples = buffer.getChannelData(0);
    for (let place = 0; place < rate * TONE_SECONDS; place += 1) {
      const seconds = place / rate;
      const edge = Math.min(1, seconds / EDGE_SECONDS, (TONE_SECONDS - seconds) / EDGE_SECONDS);
      samples[place] = LOUD * edge * Math.sin(2 * Math.PI * HERTZ * seconds);
    }
    return buffer;
  }
}
