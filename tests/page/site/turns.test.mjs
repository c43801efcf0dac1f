/** The order in which turns are read. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Turns } from "../../../Granny-voice/granny/page/site/turns.js";

/** "granny 1 Hello" puts a turn, "thinking" keeps a place. */
function read(...happenings) {
  const turns = new Turns();
  for (const one of happenings) {
    const [who, id, ...words] = one.split(" ");
    if (who === "thinking") turns.keepPlace();
    else turns.put({ who, id, text: words.join(" "), final: true });
  }
  return turns.all.map(({ text }) => text);
}

test("words that come in time stand where they were said", () => {
  assert.deepEqual(
    read("granny 1 Hello.", "caller a Good morning.", "thinking", "granny 2 How are you?"),
    ["Hello.", "Good morning.", "How are you?"],
  );
});

test("the caller's words that come after the answer stand before it", () => {
  assert.deepEqual(
    read("granny 1 Hello.", "thinking", "granny 2 How are you?", "caller a Good morning."),
    ["Hello.", "Good morning.", "How are you?"],
  );
});

test("words are written on where they stand", () => {
  assert.deepEqual(
    read("granny 1 Hello.", "thinking", "granny 2 How", "caller a Good", "granny 2 How are you?", "caller a Good morning."),
    ["Hello.", "Good morning.", "How are you?"],
  );
});

test("a noise without words moves nothing that is said later", () => {
  assert.deepEqual(
    read("granny 1 Hello.", "thinking", "granny 2 Pardon?", "thinking", "granny 3 Fine.", "caller b I am well."),
    ["Hello.", "Pardon?", "I am well.", "Fine."],
  );
});

test("two turns of hers in a row leave no room for words that were never said", () => {
  assert.deepEqual(read("granny 1 Hello.", "granny 2 Are you there?", "caller a Yes."), ["Hello.", "Are you there?", "Yes."]);
});

test("thinking before the greeting keeps no place", () => {
  assert.deepEqual(read("thinking", "granny 1 Hello.", "caller a Yes."), ["Hello.", "Yes."]);
});

test("one segment's name may be used on both sides", () => {
  assert.deepEqual(read("granny 1 Hello.", "caller 1 Yes."), ["Hello.", "Yes."]);
});

test("a turn without words is not shown", () => {
  assert.deepEqual(read("granny 1 ", "caller a Yes."), ["Yes."]);
});
