// Lets a field that takes a sound file be spoken into: what the microphone hears becomes the file, as a WAV.
"use strict";

const AT_ONCE = 4096;

class Speaking {
  constructor(field) {
    this.field = field;
    this.box = field.querySelector(".speak");
    this.button = (name) => this.box.querySelector(`.${name}`);
    this.chunks = [];
    this.most_s = Number(field.dataset.mostS);
    this.file = field.querySelector("[type=file]");
    this.required = this.file.required;
    field.closest("form")?.addEventListener("submit", (event) => this.send(event));
    this.button("start").addEventListener("click", () => this.start());
    this.button("stop").addEventListener("click", () => this.stop());
    this.button("hear").addEventListener("click", () => this.hear());
    this.box.hidden = false;
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch (error) {
      return void this.tell(`The microphone cannot be used (${error.name}). Choose a file instead.`);
    }
    this.chunks = [];
    this.file.required = false; // What is being spoken is the file, as soon as it is sent.
    this.context = new AudioContext();
    const source = this.context.createMediaStreamSource(this.stream);
    const node = this.context.createScriptProcessor(AT_ONCE, 1, 1);
    node.onaudioprocess = (heard) => this.take(new Float32Array(heard.inputBuffer.getChannelData(0)));
    source.connect(node);
    node.connect(this.context.destination);
    this.show("stop");
    this.tell("Speak now …");
  }

  take(samples) {
    this.chunks.push(samples);
    const seconds = (this.chunks.length * AT_ONCE) / this.context.sampleRate;
    this.tell(`Speak now … ${seconds.toFixed(0)} s`);
    if (seconds >= this.most_s) this.stop(`Stopped by itself: ${this.most_s} s are the limit. `);
  }

  // Sent in the middle of speaking: what was said until now goes with it.
  async send(event) {
    if (!this.stream) return;
    event.preventDefault();
    await this.stop();
    event.target.requestSubmit(event.submitter);
  }

  async stop(why = "") {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    const rate = this.context.sampleRate;
    await this.context.close();
    this.samples = joined(this.chunks).slice(0, Math.floor(this.most_s * rate));
    this.rate = rate;
    const transfer = new DataTransfer();
    transfer.items.add(new File([wav(this.samples, rate)], "spoken.wav", { type: "audio/wav" }));
    this.file.files = transfer.files;
    this.file.required = this.required;
    this.show("start", "hear");
    this.button("start").textContent = "Record it once more";
    this.tell(`${why}${(this.samples.length / rate).toFixed(1)} s were recorded. Hear it, then use it.`);
  }

  async hear() {
    const context = new AudioContext();
    const clip = context.createBuffer(1, this.samples.length, this.rate);
    clip.copyToChannel(this.samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer: clip });
    source.connect(context.destination);
    source.onended = () => context.close();
    source.start();
  }

  show(...names) {
    for (const name of ["start", "stop", "hear"]) this.button(name).hidden = !names.includes(name);
  }

  tell(words) { this.box.querySelector(".told").textContent = words; }
}

function joined(chunks) {
  const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) { samples.set(chunk, at); at += chunk.length; }
  return samples;
}

function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const write = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  write(0, "RIFF"); view.setUint32(4, 36 + 2 * samples.length, true); write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  write(36, "data"); view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) => view.setInt16(44 + 2 * index, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return view.buffer;
}

if (navigator.mediaDevices?.getUserMedia) for (const field of document.querySelectorAll(".sound")) new Speaking(field);
