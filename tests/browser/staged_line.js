// In place of livekit_line.js: a line on which the test says what happens, so that each screen can be shown without a call.
import { Trouble } from "./trouble.js";

export class LiveKitLine extends EventTarget {
  constructor() {
    super();
    globalThis.line = this;
  }

  async open({ loudspeaker }) {
    if (globalThis.refusal) throw new Trouble(globalThis.refusal);
    this.loudspeaker = loudspeaker;
  }

  async useMicrophone() {}

  close() {}

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
