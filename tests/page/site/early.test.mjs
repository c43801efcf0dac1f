/** She is sent for, and the line reached, as the finger comes down. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Early } from "../../../Granny-voice/granny/page/site/early.js";

const LATE_MS = 5000;

/** Reaches lines that are numbered, and knows which were closed. */
function reaching(reach = async (line) => line) {
  const seen = { reached: 0, closed: [] };
  const made = () => {
    const number = ++seen.reached;
    return reach({ number, close: () => seen.closed.push(number) });
  };
  return [new Early(made), seen];
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("a tap takes the line that was reached as the finger came down", async () => {
  const [early, seen] = reaching();
  early.begin();
  assert.equal((await early.take()).number, 1);
  assert.equal(seen.reached, 1);
});

test("a line is taken once", async () => {
  const [early] = reaching();
  early.begin();
  await early.take();
  assert.equal(early.take(), null);
});

test("of several touches one calls", () => {
  const [early, seen] = reaching();
  early.begin();
  early.begin();
  assert.equal(seen.reached, 1);
});

test("the line of a finger that slid off the button is closed a while later, and a new touch calls anew", async () => {
  const [early, seen] = reaching();
  early.begin();
  mock.timers.tick(LATE_MS);
  await new Promise(setImmediate);
  assert.deepEqual(seen.closed, [1]);
  early.begin();
  assert.equal((await early.take()).number, 2);
});

test("a line that was taken is not closed", async () => {
  const [early, seen] = reaching();
  early.begin();
  await early.take();
  mock.timers.tick(LATE_MS);
  await new Promise(setImmediate);
  assert.deepEqual(seen.closed, []);
});

test("what was refused to the finger leaves nothing for the tap, which tries anew", async () => {
  const [early] = reaching(() => Promise.reject(new Error("no")));
  early.begin();
  await new Promise(setImmediate);
  assert.equal(early.take(), null);
});

test("what is still being reached is refused to the tap", async () => {
  const [early] = reaching(() => Promise.reject(new Error("no")));
  early.begin();
  await assert.rejects(early.take());
});
