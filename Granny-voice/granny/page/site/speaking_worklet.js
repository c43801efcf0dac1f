/** Her voice, on the thread for sound: takes the socket's frames, or "clear". */
import { Waiting } from "./samples.js";

class Speaking extends AudioWorkletProcessor {
  #waiting = new Waiting(sampleRate);

  constructor() {
    super();
    this.port.onmessage = ({ data }) => (data === "clear" ? this.#waiting.clear() : this.#waiting.put(new Int16Array(data)));
  }

  process(_inputs, /** @type {Float32Array[][]} */ [[block]]) {
    this.#waiting.fill(block);
    return true;
  }
}

registerProcessor("speaking", Speaking);
