/** A link is handed on from a window that cannot make calls, whatever that window allows. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { copyAddress } from "../../../Granny-voice/granny/page/site/address.js";

const WHOLE = "https://granny.example/#secret";

function inWindow(clipboard) {
  const shown = [];
  globalThis.location = { href: "https://granny.example/" };
  globalThis.prompt = (...words) => shown.push(words);
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  return shown;
}

test("the whole link is in the clipboard, also where the address has it not", async () => {
  const copied = [];
  const shown = inWindow({ writeText: async (text) => copied.push(text) });
  assert.equal(await copyAddress("secret", "Copy the address"), true);
  assert.deepEqual([copied, shown], [[WHOLE], []]);
});

for (const [name, clipboard] of [
  ["there is no clipboard", undefined],
  ["the clipboard is refused", { writeText: () => Promise.reject(new Error("refused")) }],
]) {
  test(`where ${name} it is shown`, async () => {
    const shown = inWindow(clipboard);
    assert.equal(await copyAddress("secret", "Copy the address"), false);
    assert.deepEqual(shown, [["Copy the address", WHOLE]]);
  });
}
