/** The usual page: a tap, a token, a room, then the microphone. For `benchmarks.page`, beside hers. */
import "./livekit-client.umd.js";
import { Loudspeaker } from "./loudspeaker.js";

const { Room, RoomEvent } = globalThis.LivekitClient;
const [path, secret] = location.hash.slice(1).split("@");

document.querySelector("button").addEventListener("click", async () => {
  performance.mark("granny:tap");
  const loudspeaker = new Loudspeaker(new AudioContext());
  loudspeaker.addEventListener("sound", () => performance.mark("granny:sound"));
  loudspeaker.resume();
  const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
  const { server_url, participant_token } = await (await fetch(path, { method: "POST", headers })).json();
  const room = new Room();
  room.on(RoomEvent.TrackSubscribed, (track) => loudspeaker.add(track.mediaStreamTrack));
  await room.connect(server_url, participant_token);
  await room.localParticipant.setMicrophoneEnabled(true);
});
