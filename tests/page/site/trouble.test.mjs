/** What keeps a call from beginning has its slug, and each its sentence. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { browserTrouble, microphoneTrouble } from "../../../Granny-voice/granny/page/site/trouble.js";
import { LANGUAGES, Words, languageOf } from "../../../Granny-voice/granny/page/site/words.js";

const ANNA = { granny: "Granny", called: "Anna" };
const FACEBOOK = "Mozilla/5.0 (iPad; CPU OS 18_4 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/500.0]";
const SAFARI = "Mozilla/5.0 (iPad; CPU OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Safari/604.1";

function browser({ isSecureContext = true, userAgent = SAFARI, microphone = true } = {}) {
  const mediaDevices = microphone ? { getUserMedia() {} } : undefined;
  const navigator = { userAgent, mediaDevices };
  return { isSecureContext, navigator, RTCPeerConnection: class {}, AudioContext: class {} };
}

const refusal = (name) => new DOMException("", name);

test("a browser that can is not spoken of", () => {
  assert.equal(browserTrouble(browser()), "");
  assert.equal(browserTrouble(browser({ userAgent: FACEBOOK })), "");
});

test("an address without encryption is told before anything else", () => {
  assert.equal(browserTrouble(browser({ isSecureContext: false, microphone: false })), "insecure");
});

test("a window inside another program is told from an old browser", () => {
  assert.equal(browserTrouble(browser({ microphone: false, userAgent: FACEBOOK })), "in-app-browser");
  assert.equal(browserTrouble(browser({ microphone: false })), "browser-too-old");
});

test("every refusal of the microphone has its own reason", () => {
  assert.equal(microphoneTrouble(refusal("NotAllowedError"), "denied"), "microphone-denied");
  assert.equal(microphoneTrouble(refusal("NotAllowedError"), "prompt"), "microphone-dismissed");
  assert.equal(microphoneTrouble(refusal("NotAllowedError"), "", FACEBOOK), "in-app-browser");
  assert.equal(microphoneTrouble(refusal("NotFoundError"), "granted"), "microphone-none");
  assert.equal(microphoneTrouble(refusal("NotReadableError"), "granted"), "microphone-busy");
  assert.equal(microphoneTrouble(new TypeError(), ""), "browser-too-old");
});

test("the first language asked for that the page has is taken", () => {
  assert.equal(languageOf(["fr", "de-AT", "en"]), "de");
  assert.equal(languageOf(["fr"]), "en");
  assert.equal(languageOf([]), "en");
});

for (const language of Object.keys(LANGUAGES)) {
  const words = new Words(language, ANNA);

  test(`names stand in the sentences (${language})`, () => {
    assert.match(words.say("button.talk"), /Granny/);
    assert.match(words.say("hello"), /Anna/);
  });

  test(`a fault is told by its own sentence, by its line's, or by the general one (${language})`, () => {
    const { "call-deaf": own, "no-credit": line, "something-went-wrong": general } = LANGUAGES[language].trouble;
    const filled = ({ says }) => says.map((one) => one.replaceAll("{granny}", "Granny"));
    assert.deepEqual(words.advice("call-deaf").says, filled(own));
    assert.deepEqual(words.advice("openai-out-of-credit").says, filled(line));
    assert.deepEqual(words.advice("a-fault-of-tomorrow").says, filled(general));
    assert.deepEqual(words.advice("toString").says, filled(general));
  });
}
