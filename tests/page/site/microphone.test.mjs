/** What becomes of the microphone when a headset comes or another call takes it: no test machine has either. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Microphone } from "../../../Granny-voice/granny/page/site/microphone.js";

class Track extends EventTarget {
  readyState = "live";
  muted = false;

  /** As a browser does it: whoever stops a track hears nothing of it. */
  stop() {
    this.readyState = "ended";
  }

  becomes(/** @type {"ended"|"mute"|"unmute"} */ what) {
    if (what === "ended") this.readyState = "ended";
    else this.muted = what === "mute";
    this.dispatchEvent(new Event(what));
  }
}

class Devices extends EventTarget {
  given = [];
  list = [device("tablet")];
  refusal = null;

  async getUserMedia() {
    if (this.refusal) throw this.refusal;
    this.given.push(new Track());
    return { getAudioTracks: () => [this.given.at(-1)] };
  }

  async enumerateDevices() {
    return this.list;
  }

  become(...list) {
    this.list = list;
    this.dispatchEvent(new Event("devicechange"));
  }
}

const device = (label) => ({ kind: "audioinput", groupId: label, label });
let devices;
let microphone;
let heard;

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  devices = new Devices();
  const permissions = { query: async () => ({ state: "granted" }) };
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: devices, permissions, userAgent: "" }, configurable: true });
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  microphone = new Microphone();
  heard = [];
  for (const type of ["muted", "unmuted", "renewed", "lost"]) microphone.addEventListener(type, () => heard.push(type));
  await microphone.open();
});

afterEach(() => mock.timers.reset());

/** Whatever is under way comes to its end. */
async function settled() {
  for (const _ of [1, 2]) {
    await new Promise(setImmediate);
    mock.timers.tick(1000);
  }
  await new Promise(setImmediate);
}

test("a track that another call ended is replaced", async () => {
  microphone.track.becomes("ended");
  await settled();
  assert.deepEqual(heard, ["renewed"]);
  assert.equal(microphone.track, devices.given[1]);
});

test("where there is none any more, it is lost, and a later try brings it back", async () => {
  devices.refusal = new DOMException("", "NotReadableError");
  microphone.track.becomes("ended");
  await settled();
  assert.deepEqual(heard, ["lost"]);
  devices.refusal = null;
  await microphone.renew();
  assert.deepEqual(heard, ["lost", "renewed"]);
});

test("one that falls silent is told, and not replaced at once", async () => {
  microphone.track.becomes("mute");
  microphone.track.becomes("unmute");
  await settled();
  assert.deepEqual(heard, ["muted", "unmuted"]);
  assert.equal(devices.given.length, 1);
});

test("whoever comes back to a page whose microphone is silent gets another one", async () => {
  microphone.track.becomes("mute");
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.deepEqual(heard, ["muted", "renewed"]);
});

test("whoever comes back to a page that hears them keeps theirs", async () => {
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.deepEqual(heard, []);
});

test("a headset that the system prefers is used, and the tablet's own when it is gone", async () => {
  devices.become(device("headset"), device("tablet"));
  devices.become(device("headset"), device("tablet")); // one device changes several times
  await settled();
  assert.deepEqual(heard, ["renewed"]);
  assert.equal(devices.given[0].readyState, "ended");
  devices.become(device("tablet"));
  await settled();
  assert.deepEqual(heard, ["renewed", "renewed"]);
});

test("another device that the system does not prefer changes nothing", async () => {
  devices.become(device("tablet"), device("camera"));
  await settled();
  assert.deepEqual(heard, []);
});

test("after the call it is off, and no headset turns it on", async () => {
  microphone.close();
  devices.become(device("headset"));
  await settled();
  assert.equal(devices.given[0].readyState, "ended");
  assert.equal(devices.given.length, 1);
});
