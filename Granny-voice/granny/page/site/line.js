/**
 * What a line to her is, whichever way the call goes: livekit_line.js over LiveKit, socket_line.js from the page's own server.
 *
 * @typedef {object} Way  what a line is given
 * @property {Promise<MediaStreamTrack>} microphone  its track, as soon as it is open
 * @property {import("./loudspeaker.js").Loudspeaker} loudspeaker
 *   her sound goes there as a track, by `add`; it sees to how loud she is
 * @property {AudioContext} audioContext  running already
 * @property {() => Promise<import("./house.js").Door>} fetchCall  a new room and its token
 * @property {string} link  the secret of the caller's link
 *
 * @typedef {EventTarget & {
 *   reach(fetchCall: () => Promise<import("./house.js").Door>): Promise<void>,
 *   open(way: Way): Promise<void>,
 *   useMicrophone(track: MediaStreamTrack): Promise<void>,
 *   close(): void,
 * }} Line
 *   reach: goes as far as it can before the tap, so that nothing is heard on either side; before `open`, or not at all
 *   open: returns when she can be heard; one that throws, a Trouble, has closed itself
 *   useMicrophone: another track in place of the one before, which has ended
 *   close: from here on no event; the microphone is not its business
 *
 * Its events are CustomEvents, with this `detail`:
 *   agent {}, agent-gone {}        she is there; she is not any more
 *   state {state}                  "listening", "thinking", "speaking"; "waiting": she talks to somebody else
 *   caption {who, id, text, final} all the words of a turn so far; who: "granny" or "caller"
 *   fault {slug, ends}             what she, and nobody else, says is wrong; ends: it is why the call ends
 *   reconnecting {}, reconnected {}
 *   closed {reason}                "ended" by her side, or "lost", after which another line is opened
 */

/** Those that only tell of the call. */
export const TOLD = Object.freeze(["agent", "agent-gone", "state", "caption", "fault", "reconnecting", "reconnected"]);
