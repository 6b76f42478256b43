// When the text has changed, the server is asked what it comes to: at once what is drawn, a moment later the rest.

const SLOW = 300, PATIENCE = 600, LATER = 200;

class Asking {
  constructor(document_, writing, took) {
    Object.assign(this, { document: document_, writing, took, net: null, variant: null, other: null });
    Object.assign(this, { turn: 0, busy: null, again: false });
    this.said = html("span", { class: "said", role: "status" });
    this.stopping = button("stop", "wait no longer for this drawing", () => this.stop(), { hidden: true });
    this.element = html("span", { class: "asking" }, this.said, this.stopping);
  }

  // Whether the drawing is of an older text.
  get behind() { return this.busy !== null || this.again; }

  // The text, net or variant is another. One question at a time, but none is waited for long.
  changed() {
    clearTimeout(this.timer);
    if (this.busy === null) {
      this.look();
    } else {
      this.again = true;
      const waited = performance.now() - this.busy;
      this.timer = setTimeout(() => { if (this.again) this.look(); }, Math.max(0, PATIENCE - waited));
    }
  }

  question() {
    const { net, variant, other } = this;
    return { text: this.writing.text, name: this.document.name, net, variant, other };
  }

  async look() {
    const turn = ++this.turn, begun = performance.now(), question = this.question();
    this.busy = begun;
    this.again = false;
    clearTimeout(this.later);
    const slow = setInterval(() => this.progress((performance.now() - begun) / 1000), SLOW);
    try {
      const answer = await tell("look", question);
      if (turn !== this.turn) return;
      this.took("look", answer, question);
      this.progress(null, `${Math.round(performance.now() - begun)} ms`);
      this.later = setTimeout(() => this.rest(turn, question), LATER);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (turn === this.turn) this.progress(null, refusal.answer.dropped ? "stopped" : refusal.message);
    } finally {
      clearInterval(slow);
      if (turn === this.turn) {
        this.busy = null;
        if (this.again) this.look();
      }
    }
  }

  async rest(turn, question) {
    try {
      const answer = await tell("rest", question);
      if (turn === this.turn && question.text === this.writing.text) this.took("rest", answer, question);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (turn === this.turn && !refusal.answer.dropped) this.progress(null, refusal.message);
    }
  }

  progress(seconds, words = "") {
    this.said.textContent = seconds === null ? words : `drawing, ${seconds.toFixed(1)} s`;
    this.stopping.hidden = seconds === null;
  }

  stop() {
    this.again = false;
    tell("stop", {}).catch(() => {});
  }
}
