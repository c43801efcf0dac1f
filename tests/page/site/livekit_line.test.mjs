/** What a line over LiveKit tells when it breaks as it begins. The room is a stand-in: Node has no WebRTC. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import "../../../Granny-voice/granny/page/site/livekit-client.umd.js";

const { ConnectionState, RoomEvent } = globalThis.LivekitClient;
const { Connected: CONNECTED, SignalReconnecting: LOST } = ConnectionState;

/** The room of the line that is made next. */
let room;

class RoomStandIn extends EventEmitter {
  state = ConnectionState.Disconnected;
  remoteParticipants = new Map();
  localParticipant = { publishTrack: () => new Promise((_, fail) => (this.failToPublish = () => fail(new Error()))) };

  constructor() {
    super();
    room = this;
  }

  registerTextStreamHandler() {}

  async connect() {
    this.state = CONNECTED;
  }

  async disconnect() {
    this.state = ConnectionState.Disconnected;
  }
}

globalThis.LivekitClient = { ...globalThis.LivekitClient, Room: RoomStandIn, LocalAudioTrack: class {} };
const { LiveKitLine } = await import("../../../Granny-voice/granny/page/site/livekit_line.js");

/** A line whose microphone is on its way to the room; what it tells, and what becomes of opening it. */
async function opening() {
  const line = new LiveKitLine();
  const told = [];
  line.addEventListener("closed", ({ detail }) => told.push(detail.reason));
  const way = { microphone: Promise.resolve({}), loudspeaker: { silence() {} }, fetchCall: async () => ({}) };
  const opened = line.open(way).then(
    () => "opened",
    (error) => error.slug,
  );
  await new Promise(setImmediate);
  assert.ok(room.failToPublish);
  return { line, told, opened };
}

test("a line that breaks before the microphone is through is one that was lost: another is tried", async () => {
  const { told, opened } = await opening();
  room.state = LOST;
  room.failToPublish();
  assert.equal(await opened, "opened");
  assert.deepEqual(told, ["lost"]);
});

test("that the client gives it up meanwhile is told once", async () => {
  const { told, opened } = await opening();
  room.emit(RoomEvent.Disconnected, undefined);
  room.failToPublish();
  assert.equal(await opened, "opened");
  assert.deepEqual(told, ["lost"]);
});

test("a room that does not take the microphone is a trouble, of which another room would not be rid", async () => {
  const { told, opened } = await opening();
  room.failToPublish();
  assert.equal(await opened, "line-lost");
  assert.deepEqual(told, []);
});

test("of a line that is hung up as it opens nothing is told", async () => {
  const { line, told, opened } = await opening();
  line.close();
  room.failToPublish();
  assert.equal(await opened, "opened");
  assert.deepEqual(told, []);
});
