// In place of livekit_line.js: a line on which the test says what happens, so that each screen can be shown without a call.
import { Trouble } from "./trouble.js";

export class LiveKitLine extends EventTarget {
  constructor() {
    super();
    globalThis.line = this;
    this.isOpen = this.isClosed = false;
  }

  async open({ loudspeaker }) {
    if (globalThis.refusal) throw new Trouble(globalThis.refusal);
    this.loudspeaker = loudspeaker;
    this.isOpen = true;
  }

  async reach() {}

  async useMicrophone() {}

  close() {
    this.isClosed = true;
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
