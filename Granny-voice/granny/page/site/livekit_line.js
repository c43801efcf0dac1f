/** A line to her over LiveKit: a room of its own. What a line is stands in line.js. */
import "./livekit-client.umd.js";
import { FAULT, faultIn, isGranny, mayTellFaults, news } from "./occupants.js";
import { Trouble } from "./trouble.js";

const { ConnectionState, DefaultReconnectPolicy, DisconnectReason, LocalAudioTrack, Room, RoomEvent, Track, setLogLevel } =
  globalThis.LivekitClient;
setLogLevel("silent"); // its warnings hold tokens

const WORDS = "lk.transcription";
const ENDED = [
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
  DisconnectReason.DUPLICATE_IDENTITY,
];
/** Some twenty seconds; a new room is quicker than what would follow. */
const TRIES_MS = [0, 300, 1200, 2700, 4800, 5000, 5000];

export class LiveKitLine extends EventTarget {
  #room = new Room({ reconnectPolicy: new DefaultReconnectPolicy(TRIES_MS), stopLocalTrackOnUnpublish: false });
  #isOpen = false;
  #isClosed = false;
  #isThere = false;
  /** @type {import("./loudspeaker.js").Loudspeaker | undefined} */
  #loudspeaker;
  /** @type {any} */
  #published = null;
  /** @type {Promise<void>} */
  #sending = Promise.resolve();

  async reach(/** @type {import("./line.js").Way["fetchCall"]} */ fetchCall) {
    const { server_url, participant_token } = await fetchCall();
    if (!this.#isClosed) await this.#trying(this.#room.connect(server_url, participant_token, { autoSubscribe: false }));
  }

  async open(/** @type {import("./line.js").Way} */ { microphone, loudspeaker, fetchCall }) {
    this.#loudspeaker = loudspeaker;
    this.#watch();
    if (this.#room.state !== ConnectionState.Connected) await this.reach(fetchCall);
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#lookRound();
    await this.#trying(microphone.then((track) => this.useMicrophone(track)));
  }

  /** @throws {Trouble} what the client says of it holds the whole token */
  async #trying(/** @type {Promise<void>} */ step) {
    try {
      await step;
    } catch {
      if (this.#isBroken) return this.#onDisconnected(undefined); // it was open, and there may be another
      this.close();
      throw new Trouble("line-lost");
    }
  }

  /** Whether the caller was in the room, and the way there is gone: the client may still be mending it, for half a minute. */
  get #isBroken() {
    return this.#isOpen && this.#room.state !== ConnectionState.Connected;
  }

  /** One after the other: a microphone may be taken away while it is being published. */
  useMicrophone(/** @type {MediaStreamTrack} */ track) {
    this.#sending = this.#sending.catch(() => {}).then(() => this.#send(track));
    return this.#sending;
  }

  async #send(/** @type {MediaStreamTrack} */ track) {
    if (this.#published) {
      await this.#published.replaceTrack(track, { userProvidedTrack: true }); // she hears on, on the same track
      await this.#published.unmute(); // as the client does with one that has ended
      return;
    }
    const published = new LocalAudioTrack(track);
    await this.#room.localParticipant.publishTrack(published, { source: Track.Source.Microphone });
    this.#published = published;
  }

  close() {
    this.#isClosed = true;
    this.#room.disconnect(false);
    this.#loudspeaker?.silence();
  }

  #watch() {
    this.#room
      .on(RoomEvent.ParticipantConnected, () => this.#lookRound())
      .on(RoomEvent.ParticipantAttributesChanged, () => this.#lookRound())
      .on(RoomEvent.ParticipantDisconnected, () => this.#lookRound())
      .on(RoomEvent.TrackPublished, () => this.#listen())
      .on(RoomEvent.TrackSubscribed, (track, _, who) => who.isAgent && this.#loudspeaker?.add(track.mediaStreamTrack))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#loudspeaker?.remove(track.mediaStreamTrack))
      .on(RoomEvent.DataReceived, (data, who, _kind, topic, _encryption, identity) => {
        if (topic === FAULT && mayTellFaults(who, identity)) this.#onData(data);
      })
      .on(RoomEvent.SignalReconnecting, () => this.#tell("reconnecting"))
      .on(RoomEvent.Reconnecting, () => this.#tell("reconnecting"))
      .on(RoomEvent.Reconnected, () => this.#onReconnected())
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(reason));
    this.#room.registerTextStreamHandler(WORDS, (reader, { identity }) => this.#onWords(reader, identity));
  }

  #lookRound() {
    const others = [...this.#room.remoteParticipants.values()];
    for (const [type, detail] of news(others, this.#isThere)) this.#tell(type, detail);
    this.#isThere = others.some(isGranny);
    this.#listen();
  }

  /** To whatever she says, and to nobody else; not before the tap, in which her first words would be lost. */
  #listen() {
    for (const who of this.#room.remoteParticipants.values()) {
      if (who.isAgent) for (const track of who.trackPublications.values()) track.isDesired || track.setSubscribed(true);
    }
  }

  #onReconnected() {
    this.#listen();
    this.#tell("reconnected");
  }

  #onData(/** @type {Uint8Array} */ data) {
    const slug = faultIn(data);
    if (slug) this.#tell("fault", { slug, ends: false });
  }

  async #onWords(reader, /** @type {string} */ identity) {
    const isMine = identity === this.#room.localParticipant.identity;
    if (!isMine && !this.#room.remoteParticipants.get(identity)?.isAgent) return;
    const turn = { who: isMine ? "caller" : "granny", id: reader.info.attributes?.["lk.segment_id"] ?? reader.info.id };
    let text = "";
    try {
      for await (const piece of reader) {
        text += piece;
        this.#tell("caption", { ...turn, text, final: false });
      }
    } catch {
      // it broke off; what came of it stays
    }
    this.#tell("caption", { ...turn, text, final: true });
  }

  #onDisconnected(/** @type {number | undefined} */ reason) {
    const isUnforeseen = this.#isOpen && !this.#isClosed;
    this.close();
    if (isUnforeseen) this.#tell("closed", { reason: ENDED.includes(reason) ? "ended" : "lost" });
  }

  #tell(/** @type {string} */ type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
