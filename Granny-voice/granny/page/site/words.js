/** Chooses the language, and fills names into its sentences. */
import faultSentences from "./faults.js";
import de from "./words/de.js";
import en from "./words/en.js";

/**
 * @typedef {typeof en} Sentences  every sentence of the page; a language has all that English has
 * @typedef {{granny: string, called: string}} Names
 * @typedef {{says: string[], button: string}} Advice  what to say of a trouble, and what its button says
 */

/** @type {Record<string, Sentences>} */
export const LANGUAGES = { en, de };
const ENGLISH = "en";

/** The first of the languages asked for that the page has: "de-AT" is "de". */
export function languageOf(/** @type {readonly string[]} */ asked) {
  const short = asked.map((one) => one.toLowerCase().split("-")[0]);
  return short.find((one) => Object.hasOwn(LANGUAGES, one)) ?? ENGLISH;
}

export class Words {
  #sentences;
  #names;

  /** @param {string} language @param {Names} names */
  constructor(language, names) {
    this.language = languageOf([language]);
    this.#sentences = LANGUAGES[this.language];
    this.#names = names;
  }

  /** A sentence by its name: "title", or "state.listening". @param {string} name */
  say(name) {
    const sentence = name.split(".").reduce((part, key) => part[key], /** @type {any} */ (this.#sentences));
    return this.#filled(sentence);
  }

  /** What to say of a trouble; of one that the page has never heard of, that something went wrong. @param {string} slug */
  advice(slug) {
    const all = /** @type {Record<string, Advice>} */ (this.#sentences.trouble);
    const known = [slug, faultSentences[slug]].find((name) => name && Object.hasOwn(all, name));
    const { says, button } = all[known ?? "something-went-wrong"];
    return { says: says.map((sentence) => this.#filled(sentence)), button: this.say(`button.${button}`) };
  }

  #filled(/** @type {string} */ sentence) {
    return sentence.replaceAll("{granny}", this.#names.granny).replaceAll("{called}", this.#names.called);
  }
}
