/** Where the page begins: who is called, which line, and what each button does. */
import { copyAddress } from "./address.js";
import { Call } from "./call.js";
import { askCall, askHello, linkSecret, store, stored } from "./house.js";
import { STRANGERS, Screen } from "./screen.js";
import { Taps } from "./taps.js";
import { Trouble, browserTrouble } from "./trouble.js";
import { Words, languageOf } from "./words.js";

const LANGUAGE = "granny.language";
const LOUDNESS = "granny.loudness";
const LINES = {
  livekit: async () => (await import("./livekit_line.js")).LiveKitLine,
  socket: async () => (await import("./socket_line.js")).SocketLine,
};

const link = linkSecret();
const taps = new Taps();
const screen = new Screen();
/** @type {Call | null} */
let call = null;
let trouble = "";

/** Every button acts when it is let go of, and not a second time within a second. */
function onTap(/** @type {string} */ id, /** @type {(button: HTMLElement) => void} */ act) {
  const button = /** @type {HTMLElement} */ (document.getElementById(id));
  button.addEventListener("click", () => taps.counts() && act(button));
}

/** A key that is held down would press again and again. */
function keepFromButtons(/** @type {KeyboardEvent} */ event) {
  if (event.target instanceof HTMLButtonElement) event.preventDefault();
}

async function open() {
  screen.showNames(new Words(stored(LANGUAGE) || languageOf(navigator.languages), STRANGERS), null);
  screen.showOpening("");
  try {
    const unable = browserTrouble(window);
    if (unable) throw new Trouble(unable);
    const hello = await askHello(link);
    store(LANGUAGE, hello.language);
    screen.showNames(new Words(hello.language, hello), hello);
    const lineClass = LINES[hello.line]();
    call = new Call(async () => new (await lineClass)(), () => askCall(link), link);
    call.loudness = Number(stored(LOUDNESS));
    call.addEventListener("change", () => screen.show(/** @type {Call} */ (call)));
    screen.show(call);
  } catch (error) {
    trouble = error instanceof Trouble ? error.slug : "something-went-wrong";
    screen.showOpening(trouble);
  }
}

function talk(/** @type {HTMLElement} */ button) {
  if (trouble === "in-app-browser" || call?.state.trouble === "in-app-browser") handOn(button);
  else if (call) call.start();
  else location.reload();
}

async function handOn(/** @type {HTMLElement} */ button) {
  if (await copyAddress(link, button.textContent ?? "")) button.textContent = screen.copied;
}

function setLoudness(/** @type {number} */ change) {
  if (!call) return;
  call.loudness += change;
  store(LOUDNESS, String(call.loudness));
}

onTap("talk", talk);
document.getElementById("talk")?.addEventListener("pointerdown", () => call?.expect());
onTap("hangup", () => call?.hangUp());
onTap("mend", () => call?.mend());
onTap("louder", () => setLoudness(+1));
onTap("quieter", () => setLoudness(-1));
addEventListener("keydown", (event) => event.repeat && event.key !== "Tab" && keepFromButtons(event));
addEventListener("pagehide", () => call?.hangUp());
addEventListener("hashchange", () => location.reload());
open();
