/** Who is in the room, and who is believed. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { faultIn, mayTellFaults, news } from "../../../Granny-voice/granny/page/site/occupants.js";

const granny = (attributes = {}) => ({ isAgent: true, attributes: { "granny.agent": "call", ...attributes } });
const BUSY = { isAgent: true, attributes: { "granny.agent": "busy" } };
const STRANGER = { isAgent: false, attributes: { "granny.agent": "call", "granny.fault": "call-crashed", "lk.agent.state": "speaking" } };
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

test("that she comes and goes is told once", () => {
  assert.deepEqual(news([granny()], false), [["agent", {}]]);
  assert.deepEqual(news([granny()], true), []);
  assert.deepEqual(news([], true), [["agent-gone", {}]]);
  assert.deepEqual(news([], false), []);
});

test("what she does and why she leaves is told", () => {
  assert.deepEqual(news([granny({ "lk.agent.state": "thinking" })], true), [["state", { state: "thinking" }]]);
  assert.deepEqual(news([granny({ "granny.fault": "call-idle" })], true), [["fault", { slug: "call-idle", ends: true }]]);
});

test("a state that the page has no words for is not told", () => {
  assert.deepEqual(news([granny({ "lk.agent.state": "initializing" })], true), []);
});

test("the voice that asks to wait is not her", () => {
  assert.deepEqual(news([BUSY], false), [["state", { state: "waiting" }]]);
  assert.deepEqual(news([BUSY, granny()], false), [["agent", {}]]);
});

test("another agent, which wears no mark, is taken for her", () => {
  assert.deepEqual(news([{ isAgent: true, attributes: {} }], false), [["agent", {}]]);
});

test("nobody but an agent or LiveKit itself is believed", () => {
  assert.deepEqual(news([STRANGER], false), []);
  assert.equal(mayTellFaults(STRANGER, "stranger"), false);
  assert.equal(mayTellFaults(undefined, "stranger-who-left"), false);
  assert.equal(mayTellFaults(granny(), "agent-1"), true);
  assert.equal(mayTellFaults(undefined, ""), true);
});

test("a message that is none of hers says nothing", () => {
  assert.equal(faultIn(bytes('{"fault": "job-died"}')), "job-died");
  for (const other of ["", "fault", "null", '{"fault": 7}', "[]"]) assert.equal(faultIn(bytes(other)), "");
});
