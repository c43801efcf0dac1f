/** Sound on its way between a device and a socket. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { FRAME, Framer, RATE, Waiting } from "../../../Granny-voice/granny/page/site/samples.js";

const BLOCK = 128;

/** A tone in blocks, as a device of this rate hears it. */
function* tone(rate, hertz, seconds) {
  for (let start = 0; start + BLOCK <= seconds * rate; start += BLOCK) {
    yield Float32Array.from({ length: BLOCK }, (_, number) => 0.5 * Math.sin((2 * Math.PI * hertz * (start + number)) / rate));
  }
}

/** Hertz, by how often it crosses zero upwards. */
function pitch(samples, rate) {
  let crossings = 0;
  for (let number = 1; number < samples.length; number++) crossings += samples[number - 1] < 0 && samples[number] >= 0;
  return (crossings * rate) / samples.length;
}

function framed(rate, hertz, seconds) {
  const frames = [];
  const framer = new Framer(rate, (frame) => frames.push(frame));
  for (const block of tone(rate, hertz, seconds)) framer.hear(block);
  return frames;
}

function played(waiting, rate, seconds) {
  const samples = [];
  const block = new Float32Array(BLOCK);
  while (samples.length < seconds * rate) {
    waiting.fill(block);
    samples.push(...block);
  }
  return samples;
}

const loudest = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

for (const rate of [16_000, 44_100, 48_000, 96_000]) {
  test(`a microphone of ${rate} Hz is heard at the right pitch, and neither faster nor slower`, () => {
    const frames = framed(rate, 400, 1);
    assert.ok(Math.abs(frames.length - 50) <= 1);
    assert.ok(frames.every((frame) => frame.length === FRAME));
    assert.ok(Math.abs(pitch(frames.flatMap((frame) => [...frame]), RATE) - 400) < 3);
    assert.ok(Math.abs(loudest(frames.flatMap((frame) => [...frame])) - 0.5 * 32_767) < 700);
  });

  test(`she is heard at the right pitch from a loudspeaker of ${rate} Hz`, () => {
    const waiting = new Waiting(rate);
    for (const frame of framed(RATE, 400, 1)) waiting.put(frame);
    const samples = played(waiting, rate, 0.9);
    assert.ok(Math.abs(pitch(samples, rate) - 400) < 3);
    assert.ok(Math.abs(loudest(samples) - 0.5) < 0.02);
  });
}

test("what is too loud for 16 bits is cut, and does not wrap round", () => {
  const frames = [];
  new Framer(RATE, (frame) => frames.push(frame)).hear(new Float32Array(FRAME + 1).fill(1.5));
  assert.deepEqual([...new Set(frames[0])], [32_767]);
});

test("a sound begins when enough of it is there, and a short one soon all the same", () => {
  const waiting = new Waiting(RATE);
  const loud = new Int16Array(FRAME).fill(10_000);
  waiting.put(loud);
  assert.equal(loudest(played(waiting, RATE, 0.04)), 0);
  assert.ok(loudest(played(waiting, RATE, 0.06)) > 0.3);
  for (let number = 0; number < 3; number++) waiting.put(loud);
  assert.ok(loudest(played(waiting, RATE, 0.01)) > 0.3);
});

test("of more than two seconds the oldest is dropped", () => {
  const waiting = new Waiting(RATE);
  for (let number = 0; number < 50; number++) waiting.put(new Int16Array(FRAME).fill(10_000));
  for (let number = 0; number < 100; number++) waiting.put(new Int16Array(FRAME).fill(-10_000));
  assert.equal(waiting.seconds, 2);
  assert.ok(played(waiting, RATE, 1).every((sample) => sample < 0));
});

test("an interruption is heard at once, and without a click", () => {
  const waiting = new Waiting(RATE);
  for (let number = 0; number < 50; number++) waiting.put(new Int16Array(FRAME).fill(30_000));
  played(waiting, RATE, 0.1);
  waiting.clear();
  const samples = played(waiting, RATE, 0.1);
  assert.equal(loudest(samples.slice(0.006 * RATE)), 0);
  const jumps = samples.slice(1).map((sample, number) => Math.abs(sample - samples[number]));
  assert.ok(loudest(jumps) < 0.05);
});

test("after an interruption the next sound is heard", () => {
  const waiting = new Waiting(RATE);
  for (let number = 0; number < 50; number++) waiting.put(new Int16Array(FRAME).fill(30_000));
  waiting.clear();
  played(waiting, RATE, 0.1);
  for (let number = 0; number < 5; number++) waiting.put(new Int16Array(FRAME).fill(10_000));
  assert.ok(loudest(played(waiting, RATE, 0.05)) > 0.3);
});
