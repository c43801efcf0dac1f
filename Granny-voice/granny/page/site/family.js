/** The family's page: asks for what the server has drawn, again and again, and changes what has changed. */
import { languageOf } from "./words.js";

const AGAIN_MS = 60_000;
const PATIENCE_MS = 10_000;
const FORBIDDEN = 403;
const TROUBLES = {
  en: {
    "link-missing": "This page was opened without its link. Please open it with the whole link.",
    "link-unknown": "This link is not valid any more. Please ask for a new one.",
    "page-unreachable": "This page cannot be reached just now. It goes on trying.",
  },
  de: {
    "link-missing": "Diese Seite wurde ohne ihren Link geöffnet. Bitte öffnen Sie den ganzen Link.",
    "link-unknown": "Dieser Link gilt nicht mehr. Bitte lassen Sie sich einen neuen geben.",
    "page-unreachable": "Diese Seite ist gerade nicht zu erreichen. Sie versucht es weiter.",
  },
};

const words = TROUBLES[/** @type {"en" | "de"} */ (languageOf(navigator.languages))];
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const trouble = /** @type {HTMLElement} */ (document.getElementById("trouble"));
let timer = 0;

/** The answer is read as a document: no text becomes markup here, and no script in it would run. */
function ask() {
  clearTimeout(timer);
  timer = setTimeout(ask, AGAIN_MS);
  const link = location.hash.slice(1);
  if (!link) return fail("link-missing");
  const request = new XMLHttpRequest();
  request.open("POST", "family");
  request.setRequestHeader("Authorization", `Bearer ${link}`);
  request.setRequestHeader("Content-Type", "application/json");
  request.responseType = "document";
  request.timeout = PATIENCE_MS;
  request.onload = () => answered(request);
  request.onerror = request.ontimeout = () => fail("page-unreachable");
  request.send("{}");
}

function answered(/** @type {XMLHttpRequest} */ request) {
  if (request.status === FORBIDDEN) {
    told.replaceChildren(); // whose link was taken back sees no more of her
    fail("link-unknown");
  } else if (request.status !== 200 || !request.responseXML) {
    fail("page-unreachable");
  } else {
    show(request.responseXML, request.getResponseHeader("Content-Language") ?? "en");
  }
}

function fail(/** @type {keyof typeof words} */ slug) {
  trouble.dataset.trouble = slug;
  trouble.textContent = words[slug];
}

function show(/** @type {Document} */ drawn, /** @type {string} */ language) {
  trouble.dataset.trouble = trouble.textContent = "";
  document.documentElement.lang = language;
  document.title = drawn.querySelector("h1")?.textContent ?? document.title;
  const fresh = [...drawn.body.children];
  for (const old of [...told.children]) if (!fresh.some((one) => one.id === old.id)) old.remove();
  fresh.forEach((one, place) => put(one, place));
}

/** What is the same stays as it is: whoever reads it, or has opened its table, is not disturbed. */
function put(/** @type {Element} */ one, /** @type {number} */ place) {
  const old = told.querySelector(`:scope > #${one.id}`);
  const [was, is] = [old, one].map((each) => each?.querySelector("details"));
  if (was && is) is.open = was.open;
  if (!old) told.insertBefore(one, told.children[place] ?? null);
  else if (!old.isEqualNode(one)) old.replaceWith(one);
}

addEventListener("hashchange", () => location.reload());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
ask();
