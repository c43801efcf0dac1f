/** Clocks run while they are asked for, and taps count once a second. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Clocks } from "../../../Granny-voice/granny/page/site/clocks.js";
import { Taps } from "../../../Granny-voice/granny/page/site/taps.js";

function clocksIn(t) {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const rung = [];
  return { rung, clocks: new Clocks({ late: 10_000, asked: 700 }, (name) => rung.push(name)) };
}

test("a clock that is asked for again goes on", (t) => {
  const { rung, clocks } = clocksIn(t);
  clocks.keep(["late"]);
  mock.timers.tick(9_999);
  clocks.keep(["late"]);
  mock.timers.tick(1);
  assert.deepEqual(rung, ["late"]);
});

test("a clock that is not asked for any more is silent", (t) => {
  const { rung, clocks } = clocksIn(t);
  clocks.keep(["late", "asked"]);
  clocks.keep(["asked"]);
  mock.timers.tick(20_000);
  assert.deepEqual(rung, ["asked"]);
});

test("a clock that has run out rings once, and anew only after it was not asked for", (t) => {
  const { rung, clocks } = clocksIn(t);
  clocks.keep(["late"]);
  mock.timers.tick(10_000);
  clocks.keep(["late"]);
  mock.timers.tick(10_000);
  assert.deepEqual(rung, ["late"]);
  clocks.keep([]);
  clocks.keep(["late"]);
  mock.timers.tick(10_000);
  assert.deepEqual(rung, ["late", "late"]);
});

test("a second tap within a second does not count, however often it is repeated", () => {
  let now = 0;
  const taps = new Taps(1000, () => now);
  const counted = [0, 200, 900, 1000, 1100].map((at) => ((now = at), taps.counts()));
  assert.deepEqual(counted, [true, false, false, true, false]);
});
