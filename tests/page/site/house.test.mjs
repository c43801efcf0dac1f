/** Which link the page goes by, and which it keeps for the next time. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { askHello, linkSecret } = await import("../../../Granny-voice/granny/page/site/house.js");
const GOOD = "good";

let kept = new Map();

beforeEach(() => {
  kept = new Map();
  globalThis.localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  globalThis.fetch = async (_path, { headers }) =>
    headers.Authorization === `Bearer ${GOOD}`
      ? new Response(JSON.stringify({ language: "en" }))
      : new Response(JSON.stringify({ fault: "link-unknown" }), { status: 403 });
});

async function opened(hash) {
  globalThis.location = { hash };
  return askHello(linkSecret());
}

test("a link that is good is kept for an address without it", async () => {
  await opened(`#${GOOD}`);
  assert.deepEqual(await opened(""), { language: "en" });
});

test("a link that is not good, as another page may send one here with it, takes no good one's place", async () => {
  await opened(`#${GOOD}`);
  await assert.rejects(opened("#guessed"), { slug: "link-unknown" });
  assert.deepEqual(await opened(""), { language: "en" });
});

test("without any link nobody is asked", async () => {
  await assert.rejects(opened(""), { slug: "link-missing" });
});
