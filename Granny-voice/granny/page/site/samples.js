/** Sound between a device, at its own rate, and a socket's frames: 20 ms of 48 kHz, 16 bit, one channel. */
export const RATE = 48_000;
export const FRAME = RATE / 50;
const LOUDEST = 32_767;
const LONGEST_SECONDS = 2; // so much may wait to be heard; of what comes on top, the oldest is dropped
const BEGIN_SECONDS = 0.06; // so much is there before a sound begins, so that it need not stop at once
const PATIENCE_SECONDS = 0.06; // but a short one begins all the same
const FADE_SECONDS = 0.005;

/** Walks through blocks of samples in steps that need not be whole: what lies between two samples is on a straight line. */
class Steps {
  #at = 0; // of the next sample, from the first of this block; -1 is the last of the block before
  #last = 0;
  #step;

  constructor(/** @type {number} */ step) {
    this.#step = step;
  }

  /** @param {Float32Array} block @param {(sample: number) => void} take */
  through(block, take) {
    for (; this.#at < block.length - 1; this.#at += this.#step) {
      const before = Math.floor(this.#at);
      const from = before < 0 ? this.#last : block[before];
      take(from + (block[before + 1] - from) * (this.#at - before));
    }
    this.#last = block[block.length - 1];
    this.#at -= block.length;
  }
}

/** Makes frames of what a microphone hears. */
export class Framer {
  #steps;
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #give;

  /** @param {number} rate  the device's, in hertz @param {(frame: Int16Array) => void} give  takes each whole frame */
  constructor(rate, give) {
    this.#steps = new Steps(rate / RATE);
    this.#give = give;
  }

  hear(/** @type {Float32Array} */ block) {
    this.#steps.through(block, (sample) => this.#put(sample));
  }

  #put(/** @type {number} */ sample) {
    this.#frame[this.#filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * LOUDEST);
    if (this.#filled < FRAME) return;
    this.#give(this.#frame);
    this.#frame = new Int16Array(FRAME);
    this.#filled = 0;
  }
}

/** Holds the frames that have come until they are heard. */
export class Waiting {
  #samples = new Float32Array(LONGEST_SECONDS * RATE); // a ring
  #first = 0;
  #steps = 0; // of the next sample from `first`, less than one
  #length = 0;
  #silence = 0;
  #isPlaying = false;
  #step;

  constructor(/** @type {number} */ rate) {
    this.#step = RATE / rate;
  }

  /** How long what waits will take to be heard. */
  get seconds() {
    return this.#length / RATE;
  }

  put(/** @type {Int16Array} */ frame) {
    const size = this.#samples.length;
    for (const sample of frame) {
      this.#samples[(this.#first + this.#length++) % size] = sample / LOUDEST;
      if (this.#length > size) this.#drop(this.#length - size);
    }
  }

  /** She was interrupted: what waits dies away, without a click. */
  clear() {
    this.#length = Math.min(this.#length, FADE_SECONDS * RATE);
    for (let number = 0; number < this.#length; number++) {
      this.#samples[(this.#first + number) % this.#samples.length] *= 1 - number / this.#length;
    }
  }

  /** Fill a block with what is due, and with silence where nothing is. */
  fill(/** @type {Float32Array} */ block) {
    if (!this.#isPlaying && !this.#mayBegin(block.length)) {
      block.fill(0);
      return;
    }
    for (let number = 0; number < block.length; number++) {
      block[number] = this.#length > 1 ? this.#next() : 0;
    }
    this.#isPlaying = this.#length > 1;
  }

  #mayBegin(/** @type {number} */ samples) {
    this.#silence = this.#length > 1 ? this.#silence + samples * this.#step : 0;
    this.#isPlaying = this.seconds >= BEGIN_SECONDS || this.#silence / RATE >= PATIENCE_SECONDS;
    if (this.#isPlaying) this.#silence = 0;
    return this.#isPlaying;
  }

  #next() {
    const size = this.#samples.length;
    const from = this.#samples[this.#first];
    const sample = from + (this.#samples[(this.#first + 1) % size] - from) * this.#steps;
    this.#steps += this.#step;
    const whole = Math.min(Math.floor(this.#steps), this.#length);
    this.#steps -= Math.floor(this.#steps);
    this.#drop(whole);
    return sample;
  }

  #drop(/** @type {number} */ samples) {
    this.#first = (this.#first + samples) % this.#samples.length;
    this.#length -= samples;
  }
}
