// What the person hears: clips one after the other without a gap, beside them what lies over, and a bell.
export class Ear {
  constructor() { this.context = null; this.lanes = { under: lane(), over: lane() }; this.bell = null; }

  open() { this.context ||= new AudioContext(); this.context.resume(); }

  play(url, over) {
    const one = this.lanes[over ? "over" : "under"];
    const turn = one.turn;
    // Fetched in order, so that a long clip cannot be overtaken by the short one after it.
    one.queue = one.queue.then(async () => {
      const bytes = await (await fetch(url)).arrayBuffer();
      const clip = await this.context.decodeAudioData(bytes);
      if (turn === one.turn) this.start(one, clip);
    }).catch(() => {});
  }

  start(one, clip) {
    const source = new AudioBufferSourceNode(this.context, { buffer: clip });
    source.connect(this.context.destination);
    one.until = Math.max(one.until, this.context.currentTime);
    source.start(one.until);
    one.until += clip.duration;
    one.sources.push(source);
    source.onended = () => { one.sources = one.sources.filter((other) => other !== source); };
  }

  hush(over) {
    const one = this.lanes[over ? "over" : "under"];
    one.turn += 1;
    one.until = 0;
    for (const source of one.sources) source.stop();
    one.sources = [];
  }

  silence() { this.hush(true); this.hush(false); }

  ring(on) {
    if (!on) { if (this.bell) { clearInterval(this.bell); this.bell = null; } return; }
    this.ring(false);
    const both = () => { this.tone(440, 0.4); this.tone(480, 0.4); };
    both();
    this.bell = setInterval(both, 2000);
  }

  tone(pitch = 700, length = 0.1) {
    const source = new OscillatorNode(this.context, { frequency: pitch });
    const quiet = new GainNode(this.context, { gain: 0.05 });
    source.connect(quiet).connect(this.context.destination);
    source.start();
    source.stop(this.context.currentTime + length);
  }
}

function lane() { return { queue: Promise.resolve(), until: 0, sources: [], turn: 0 }; }
