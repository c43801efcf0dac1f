/** A line to her without LiveKit, from the page's own server: sound over a socket. What a line is stands in line.js. */
import { Trouble } from "./trouble.js";

const LATEST_BYTES = 96_000; // a second of the caller's: what a socket that stands still would only bring too late
const WORKLETS = ["hearing_worklet.js", "speaking_worklet.js"];

export class SocketLine extends EventTarget {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {AudioContext} */ #context;
  /** @type {import("./loudspeaker.js").Loudspeaker} */ #loudspeaker;
  /** @type {AudioWorkletNode} */ #hearing;
  /** @type {AudioWorkletNode} */ #speaking;
  /** @type {MediaStreamAudioSourceNode | null} */ #microphone = null;
  /** @type {MediaStreamTrack | null} */ #voice = null;
  /** @type {import("./house.js").Door | null} */ #door = null;
  #isClosed = false;

  async reach(/** @type {import("./line.js").Way["fetchCall"]} */ fetchCall) {
    this.#door = await fetchCall();
  }

  async open(/** @type {import("./line.js").Way} */ { microphone, loudspeaker, audioContext, fetchCall }) {
    this.#context = audioContext;
    this.#loudspeaker = loudspeaker;
    const here = (/** @type {string} */ name) => audioContext.audioWorklet.addModule(new URL(name, import.meta.url));
    const [{ server_url, participant_token }] = await Promise.all([this.#door ?? fetchCall(), ...WORKLETS.map(here)]);
    if (this.#isClosed) return;
    this.#makeNodes();
    await this.#connect(server_url, participant_token);
    await this.useMicrophone(await microphone);
  }

  async useMicrophone(/** @type {MediaStreamTrack} */ track) {
    this.#microphone?.disconnect();
    this.#microphone = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#microphone.connect(this.#hearing);
  }

  close() {
    this.#isClosed = true;
    this.#socket?.close();
    this.#microphone?.disconnect();
    this.#hearing?.disconnect();
    this.#speaking?.disconnect();
    if (this.#voice) this.#loudspeaker.remove(this.#voice);
  }

  /** Her voice is a track, as LiveKit's is: what can be done with one can be done with the other. */
  #makeNodes() {
    this.#hearing = new AudioWorkletNode(this.#context, "hearing");
    this.#hearing.port.onmessage = ({ data }) => this.#say(data);
    this.#hearing.connect(this.#context.destination); // in silence: what leads nowhere is not asked for
    const voice = this.#context.createMediaStreamDestination();
    this.#speaking = new AudioWorkletNode(this.#context, "speaking", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#speaking.connect(voice);
    [this.#voice] = voice.stream.getAudioTracks();
    this.#loudspeaker.add(this.#voice);
  }

  /** @throws {Trouble} */
  async #connect(/** @type {string} */ address, /** @type {string} */ ticket) {
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#hear(data);
    await new Promise((opened, failed) => {
      socket.onopen = opened;
      socket.onclose = failed;
    }).catch(() => {
      this.close();
      throw new Trouble("line-lost");
    });
    socket.onclose = () => this.#onClosed("lost");
    socket.send(ticket);
  }

  #say(/** @type {ArrayBuffer} */ frame) {
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < LATEST_BYTES) socket.send(frame);
  }

  #hear(/** @type {ArrayBuffer | string} */ data) {
    if (typeof data !== "string") {
      this.#speaking.port.postMessage(data, [data]);
      return;
    }
    const { type, ...detail } = JSON.parse(data);
    if (type === "clear") this.#speaking.port.postMessage("clear");
    else if (type === "closed") this.#onClosed(detail.reason);
    else this.#tell(type, detail);
  }

  #onClosed(/** @type {string} */ reason) {
    if (this.#isClosed) return;
    this.close();
    this.#tell("closed", { reason });
  }

  #tell(/** @type {string} */ type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
