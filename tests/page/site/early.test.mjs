/** She is sent for as the finger comes down. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Early } from "../../../Granny-voice/granny/page/site/early.js";

/** Asks that are counted; the clock is set by hand. */
function asking(answer = async (number) => number) {
  const clock = { now: 0, asked: 0 };
  return [new Early(() => answer(++clock.asked), () => clock.now), clock];
}

test("a tap takes what was asked for as the finger came down", async () => {
  const [early, clock] = asking();
  early.begin();
  assert.equal(await early.take(), 1);
  assert.equal(clock.asked, 1);
});

test("what was asked for is taken once", async () => {
  const [early] = asking();
  early.begin();
  await early.take();
  assert.equal(await early.take(), 2);
});

test("of several touches one asks", () => {
  const [early, clock] = asking();
  early.begin();
  early.begin();
  assert.equal(clock.asked, 1);
});

test("whoever slid off the button and comes back later is not sent into a room that may be closed", async () => {
  const [early, clock] = asking();
  early.begin();
  clock.now = 5000;
  assert.equal(await early.take(), 2);
});

test("what was refused to the finger is asked for anew by the tap", async () => {
  const [early, clock] = asking(async (number) => (number === 1 ? Promise.reject(new Error("no")) : number));
  early.begin();
  await new Promise(setImmediate);
  assert.equal(await early.take(), 2);
  assert.equal(clock.asked, 2);
});

test("what is still being asked for is refused to the tap", async () => {
  const [early] = asking(() => Promise.reject(new Error("no")));
  early.begin();
  await assert.rejects(early.take());
});
