/**
 * Hand the whole link on to another browser: into the clipboard; where a window allows that not, in a box from which it
 * can be copied by hand.
 *
 * @param {string} secret  the link's
 * @param {string} words  above the box
 * @returns {Promise<boolean>} whether it is in the clipboard
 */
export async function copyAddress(secret, words) {
  const address = new URL(`#${secret}`, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    return true;
  } catch {
    prompt(words, address); // a window inside another program often has no clipboard, or does not let it be used
    return false;
  }
}
