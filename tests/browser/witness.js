// What the tests see of a page from within; it runs before the page's own scripts and changes nothing for them.
// Of what the page plays it keeps the level twenty times a second, but of its ringing, which is not her; it keeps the
// microphones that the page has opened, its connections, and what its own security policy has refused.
const witness = { levels: [], microphones: [], peers: [], refused: [] };
globalThis.witness = witness;

const analysers = [];

function listenTo(node, connect) {
  const analyser = node.context.createAnalyser();
  connect.call(node, analyser);
  analysers.push(analyser);
}

const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) listenTo(this, connect);
  return connect.call(this, target, ...rest);
};

let rings = 0;
const startRing = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) {
  rings += 1;
  return startRing.apply(this, when);
};
const stopRing = AudioScheduledSourceNode.prototype.stop;
AudioScheduledSourceNode.prototype.stop = function (...when) {
  rings -= 1;
  return stopRing.apply(this, when);
};

const elements = new Map();
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const stream = this.srcObject;
  if (stream && !elements.has(stream)) {
    const own = new AudioContext();
    const analyser = own.createAnalyser();
    connect.call(own.createMediaStreamSource(stream), analyser);
    elements.set(stream, { element: this, analyser });
  }
  return play.call(this);
};

function level(analyser) {
  if (analyser.context.state !== "running") return 0;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
}

function loudness() {
  const played = [...elements.values()].filter(({ element }) => !element.muted && !element.paused);
  const levels = played.map(({ element, analyser }) => element.volume * level(analyser));
  return Math.max(0, ...(rings ? [] : analysers.map(level)), ...levels);
}

setInterval(() => witness.levels.push([performance.now() / 1000, loudness()]), 50);

if (navigator.mediaDevices) {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (...wishes) => {
    const stream = await ask(...wishes);
    witness.microphones.push(...stream.getTracks());
    return stream;
  };
}

const Peer = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Peer {
  constructor(...settings) {
    super(...settings);
    witness.peers.push(this);
  }
};

witness.energy = async () => {
  const reports = await Promise.all(witness.peers.map((peer) => peer.getStats()));
  const inbound = reports.flatMap((report) => [...report.values()]).filter((one) => one.type === "inbound-rtp");
  return inbound.reduce((sum, one) => sum + (one.totalAudioEnergy ?? 0), 0);
};

document.addEventListener("securitypolicyviolation", (event) => {
  witness.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
