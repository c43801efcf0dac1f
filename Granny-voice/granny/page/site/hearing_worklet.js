/** The caller's microphone, on the thread for sound: gives frames for the socket. */
import { Framer } from "./samples.js";

class Hearing extends AudioWorkletProcessor {
  #framer = new Framer(sampleRate, (frame) => this.port.postMessage(frame.buffer, [frame.buffer]));

  process(/** @type {Float32Array[][]} */ [[block]]) {
    if (block) this.#framer.hear(block); // none while the microphone is being changed
    return true;
  }
}

registerProcessor("hearing", Hearing);
