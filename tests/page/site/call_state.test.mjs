/** How a call goes on from what happens. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { READY, clocks, goesOn, isRinging, next, sentence, trouble } from "../../../Granny-voice/granny/page/site/call_state.js";

const TALKING = [{ type: "tap" }, { type: "microphone" }, { type: "agent" }];

/** The call after all this has happened; a word alone stands for what has no detail. */
function after(...happenings) {
  return happenings.map((one) => (typeof one === "string" ? { type: one } : one)).reduce(next, READY);
}

const said = (...happenings) => sentence(after(...happenings));
const wrong = (...happenings) => trouble(after(...happenings));
const state = (what) => ({ type: "state", state: what });
const fault = (slug, ends = false) => ({ type: "fault", slug, ends });

test("a call is told in words from the tap to the goodbye", () => {
  assert.equal(said(), "ready");
  assert.equal(said("tap"), "calling");
  assert.equal(said("tap", "asked"), "asking");
  assert.equal(said("tap", "microphone"), "calling");
  assert.equal(said(...TALKING), "there");
  for (const what of ["listening", "thinking", "speaking"]) assert.equal(said(...TALKING, state(what)), what);
  assert.equal(said(...TALKING, "closed"), "ended");
  assert.equal(said(...TALKING, "hang-up"), "hung-up");
});

test("a tap during a call begins no other", () => {
  const call = after(...TALKING);
  assert.equal(next(call, { type: "tap" }), call);
});

test("what arrives after the call changes nothing", () => {
  for (const one of ["agent", "agent-gone", state("speaking"), fault("job-died"), "reconnecting", "again", "muted", "late"]) {
    assert.deepEqual(after(...TALKING, "hang-up", one), after(...TALKING, "hang-up"));
  }
});

test("a microphone that is refused leads back to the button, with the reason", () => {
  const call = after("tap", { type: "refused", slug: "microphone-none" });
  assert.equal(call.phase, "ready");
  assert.equal(trouble(call), "microphone-none");
  assert.equal(sentence(call), "");
});

test("whoever waits for her hears of it, and later is told to give up", () => {
  assert.deepEqual(clocks(after("tap", "microphone")), ["late", "given-up"]);
  assert.equal(wrong("tap", "microphone", "late"), "nobody-yet");
  assert.equal(wrong("tap", "microphone", "late", "agent"), "");
  const call = after("tap", "microphone", "late", "given-up");
  assert.deepEqual([call.phase, trouble(call)], ["ready", "nobody-came"]);
});

test("whoever is asked to stay on the line is not told that nobody comes", () => {
  const waiting = ["tap", "microphone", state("waiting")];
  assert.equal(said(...waiting), "waiting");
  assert.deepEqual(clocks(after(...waiting)), []);
  assert.equal(wrong("tap", "microphone", "late", state("waiting")), "");
});

test("once she is there no clock runs", () => {
  assert.deepEqual(clocks(after(...TALKING)), []);
});

test("when she leaves it rings again, unless that was the end of the call", () => {
  assert.deepEqual(clocks(after(...TALKING, "agent-gone")), ["gone"]);
  assert.equal(isRinging(after(...TALKING, "agent-gone")), false);
  assert.equal(said(...TALKING, "agent-gone", "closed"), "ended");
  assert.deepEqual(clocks(after(...TALKING, "agent-gone", "gone")), ["late", "given-up"]);
  assert.equal(said(...TALKING, "agent-gone", "gone"), "calling");
  assert.equal(said(...TALKING, "agent-gone", "agent", "gone"), "there");
});

test("a line that is mended within three seconds is not spoken of", () => {
  assert.deepEqual(clocks(after(...TALKING, "reconnecting")), ["interrupted"]);
  assert.equal(said(...TALKING, state("listening"), "reconnecting"), "listening");
  assert.equal(said(...TALKING, "reconnecting", "interrupted"), "interrupted");
  assert.equal(said(...TALKING, state("listening"), "reconnecting", "interrupted", "reconnected"), "listening");
  assert.equal(said(...TALKING, state("listening"), "reconnecting", "reconnected", "interrupted"), "listening");
});

test("a line that broke is called again", () => {
  assert.equal(said(...TALKING, "reconnecting", "again"), "calling-again");
  assert.equal(said(...TALKING, "again", "agent"), "there");
  assert.equal(goesOn(after(...TALKING, fault("call-no-answer"))), true);
  assert.equal(wrong(...TALKING, "again", "late", "given-up"), "line-lost");
});

test("a line that broke after she said why she leaves is not", () => {
  assert.equal(goesOn(after(...TALKING, fault("openai-key-rejected", true))), false);
});

test("it rings until she answers, or somebody asks to wait", () => {
  assert.deepEqual(["tap", "microphone", "agent"].map((_, last, all) => isRinging(after(...all.slice(0, last + 1)))), [false, true, false]);
  assert.equal(isRinging(after("tap", "microphone", state("waiting"))), false);
});

test("a fault that ends the call is told at once and stays until the next call", () => {
  const refused = fault("openai-key-rejected", true);
  assert.equal(wrong(...TALKING, refused), "openai-key-rejected");
  assert.equal(wrong(...TALKING, refused, state("speaking"), "closed"), "openai-key-rejected");
  assert.equal(wrong(...TALKING, refused, "closed", "tap"), "");
});

test("a fault that she deals with herself is told only if the call ends of it", () => {
  const told = fault("openai-connection-lost");
  assert.equal(wrong(...TALKING, told), "");
  assert.equal(wrong(...TALKING, told, "closed"), "openai-connection-lost");
  assert.equal(wrong(...TALKING, told, state("speaking"), "closed"), "");
});

test("a lost answer is told until the caller has said it again and she answers", () => {
  const lost = fault("call-no-answer");
  assert.equal(wrong(...TALKING, state("speaking"), lost), "call-no-answer");
  assert.equal(wrong(...TALKING, lost, state("speaking")), "call-no-answer");
  assert.equal(wrong(...TALKING, lost, state("thinking"), state("speaking")), "");
  assert.equal(wrong(...TALKING, lost, { type: "caption", who: "caller" }, state("speaking")), "");
});

test("when the second answer is lost as well, nobody is asked to say it again", () => {
  assert.equal(wrong(...TALKING, fault("call-no-answer"), fault("call-no-answer", true), "closed"), "something-went-wrong");
});

test("of a job that died is told until another one is there", () => {
  assert.equal(wrong(...TALKING, fault("job-died"), "agent-gone"), "job-died");
  assert.equal(wrong(...TALKING, fault("job-died"), "agent-gone", "agent"), "");
  assert.equal(wrong(...TALKING, fault("job-died"), "closed"), "something-went-wrong");
});

test("who hangs up in trouble is not reproached with it", () => {
  assert.equal(wrong(...TALKING, fault("openai-key-rejected", true), "hang-up"), "");
});

test("a microphone that another call took is waited for, and then wants a tap", () => {
  assert.deepEqual(clocks(after(...TALKING, "muted")), ["deaf"]);
  assert.equal(said(...TALKING, state("listening"), "muted"), "deaf");
  assert.equal(said(...TALKING, state("listening"), "muted", "unmuted"), "listening");
  assert.equal(wrong(...TALKING, "muted", "deaf", "microphone-lost"), "microphone-lost");
  assert.equal(said(...TALKING, state("listening"), "microphone-lost"), "deaf");
  assert.equal(wrong(...TALKING, "microphone-lost", "microphone"), "");
});

test("sound that the browser holds back wants a tap", () => {
  assert.equal(after(...TALKING, "blocked").mend, "sound");
  assert.equal(wrong(...TALKING, "blocked"), "sound-blocked");
  assert.equal(wrong(...TALKING, "blocked", "sounding"), "");
});
