// What the person says, as 8 kHz 16-bit sound: from the microphone a quarter of a second at a time, or a file at once.
const RATE = 8000;
const CHUNK = RATE / 4;

export class Microphone {
  constructor(deliver) { this.deliver = deliver; this.stream = null; this.context = null; this.rest = []; this.sent = Promise.resolve(); }

  get isOn() { return this.stream !== null; }

  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
    this.context = new AudioContext();
    const source = this.context.createMediaStreamSource(this.stream);
    // A script node and not a worklet: it needs no file of its own and a quarter of a second is no hurry.
    const node = this.context.createScriptProcessor(4096, 1, 1);
    node.onaudioprocess = (heard) => this.take(heard.inputBuffer.getChannelData(0), this.context.sampleRate);
    source.connect(node);
    node.connect(this.context.destination);
  }

  take(samples, rate) {
    this.rest.push(...lower(samples, rate));
    while (this.rest.length >= CHUNK) {
      const chunk = pcm(this.rest.splice(0, CHUNK));
      this.sent = this.sent.then(() => this.deliver(chunk)).catch(() => {});
    }
  }

  async stop() {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.rest = [];
    await this.context.close();
  }
}

export async function pcmOfFile(file) {
  const bytes = await file.arrayBuffer();
  const probe = new OfflineAudioContext(1, 1, RATE);
  const clip = await probe.decodeAudioData(bytes);
  const context = new OfflineAudioContext(1, Math.ceil(clip.duration * RATE), RATE);
  const source = new AudioBufferSourceNode(context, { buffer: clip });
  source.connect(context.destination);
  source.start();
  return pcm((await context.startRendering()).getChannelData(0));
}

function lower(samples, rate) {
  // The mean of each stretch: what is above 4 kHz is weakened, and no telephone carries it anyway.
  const step = rate / RATE;
  return Array.from({ length: Math.floor(samples.length / step) }, (_, index) => {
    const from = Math.floor(index * step), to = Math.max(from + 1, Math.floor((index + 1) * step));
    let sum = 0;
    for (let place = from; place < to; place += 1) sum += samples[place];
    return sum / (to - from);
  });
}

function pcm(samples) {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, index) => view.setInt16(index * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return view.buffer;
}
