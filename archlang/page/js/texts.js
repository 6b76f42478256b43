// The source and the emitted module, line by line: a click selects what was written there, and what is selected shines.

class Source extends Pane {
  constructor(page) {
    super(page, html("pre", { class: "pane text source", tabindex: 0 }));
    page.on("sheet", (how) => this.redraw(how));
    page.on("selected", (how) => this.remark(how.from !== "source"));
    this.element.addEventListener("click", (event) => {
      const piece = event.target.closest("[data-at]");
      if (piece) page.select(page.writtenAt(Number(piece.dataset.at)), "source");
    });
  }

  // The text in pieces, cut wherever something begins or ends.
  draw() {
    const { text } = this.page.data.source, cuts = new Set([0, text.length]);
    for (const layer of this.page.sheet.order) for (const [from, to] of layer.at) cuts.add(from).add(to);
    for (let i = 0; i < text.length; i += 1) if (text[i] === "\n") cuts.add(i + 1);
    const at = [...cuts].filter((cut) => cut <= text.length).sort((a, b) => a - b);
    const lines = [];
    let line = null;
    this.pieces = [];
    for (let i = 0; i < at.length - 1; i += 1) {
      if (at[i] === 0 || text[at[i] - 1] === "\n") {
        line = html("span", { class: "line" });
        lines.push(line);
      }
      const piece = html("span", { "data-at": at[i] }, text.slice(at[i], at[i + 1]));
      this.pieces.push([at[i], at[i + 1], piece]);
      line.append(piece);
    }
    this.element.replaceChildren(...lines);
    this.mark(false);
  }

  mark(scroll) {
    const spans = new Set(), calls = new Set();
    for (const id of [...this.page.selected].slice(0, 200)) {
      const [own, ...around] = this.page.sheet.byId.get(id).at;
      if (own) spans.add(own.join());
      for (const span of around) calls.add(span.join());
    }
    const within = (set, from, to) => [...set].some((span) => {
      const [begin, end] = span.split(",").map(Number);
      return from >= begin && to <= end;
    });
    let first = null;
    for (const [from, to, piece] of this.pieces || []) {
      const own = within(spans, from, to);
      piece.className = own ? "own" : within(calls, from, to) ? "call" : "";
      if (own && !first) first = piece;
    }
    if (scroll && first) first.scrollIntoView({ block: "nearest" });
  }
}

class Emitted extends Pane {
  constructor(page) {
    super(page, html("pre", { class: "pane text emitted", tabindex: 0 }));
    this.kept = new Kept(this.element, (text) => html("span", { class: "line" }, text), numberLine);
    for (const event of ["sheet", "emitted"]) page.on(event, (how) => this.redraw(how));
    page.on("selected", (how) => this.remark(how.from !== "emitted"));
    this.element.addEventListener("click", (event) => {
      const line = event.target.closest("[data-line]"), number = line && Number(line.dataset.line);
      if (number) page.select(this.run(number), "emitted");
    });
  }

  // The layers that a line runs; of a line that calls or makes a member, those inside it.
  run(number) {
    const { order, code } = this.page.sheet, ids = (layers) => layers.map((layer) => layer.id);
    const here = order.filter((layer) => layer.line && layer.line <= number && number <= layer.end);
    if (here.length) return ids(here);
    const lines = code.split("\n"), root = lines.findLastIndex((line) => line.startsWith("class "));
    const members = [...lines[number - 1].matchAll(/self\.(\w+)/g)].map((found) => found[1]);
    return ids(order.filter((layer) => {
      const parts = layer.name.split(".");
      return members.some((name) => (number > root ? parts[0] === name : parts.indexOf(name) > 0));
    }));
  }

  draw() {
    const { code } = this.page.sheet;
    if (this.drawn === code) return this.mark(false);
    this.drawn = code;
    const lines = code.replace(/\n$/, "").split("\n");
    this.kept.show(lines.map((text, i) => ({ look: text, number: i + 1, at: text })));
    return this.mark(false);
  }

  mark(scroll) {
    const wanted = new Set();
    for (const id of this.page.selected) {
      const { line, end } = this.page.sheet.byId.get(id);
      for (let number = line; line && number <= end; number += 1) wanted.add(number);
    }
    for (const { element, number } of this.kept.pieces) element.classList.toggle("own", wanted.has(number));
    const first = this.kept.pieces.find((piece) => wanted.has(piece.number));
    if (scroll && first) first.element.scrollIntoView({ block: "nearest" });
  }
}

function numberLine(line, piece, old) {
  if (piece.number !== old.number) line.dataset.line = piece.number;
}
