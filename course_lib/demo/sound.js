// Collects the microphone's samples into pieces of a quarter of a second, as 16-bit whole numbers.
class Collector extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(Math.round(sampleRate / 4));
    this.filled = 0;
    this.begins = 0; // samples since the start: the microphone's own clock
  }
  process(inputs) {
    const channel = inputs[0][0];
    if (!channel) return true;
    for (const sample of channel) {
      this.piece[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
      if (this.filled === this.piece.length) {
        this.port.postMessage({samples: this.piece.slice(), start: this.begins / sampleRate});
        this.begins += this.filled;
        this.filled = 0;
      }
    }
    return true;
  }
}
registerProcessor("collector", Collector);
