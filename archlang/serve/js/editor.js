// The editor put together: the source at the left with what is wrong under it, the page's diagram and panes beside it.

const EMPTY = { title: "", subtitle: "", body: [], results: [], names: {}, halves: {} };
const NOTHING = {
  title: "", command: "", columns: [], kin: {}, chosen: 0, left_out: [], differences: {},
  sheets: [{ variant: "", scene: EMPTY, inputs: [], layers: [], code: "" }],
};

// The columns of a layer that are known when the module is, a moment after its drawing.
const LATER_KNOWN = ["line", "end", "kernel"];

async function startEditor() {
  const start = await ask("start"), shown = showPage({ ...NOTHING }, true);
  const editor = new Editor(start, shown), wanted = new URLSearchParams(location.search).get("file") || start.opened;
  window.archlang.editor = editor;
  if (wanted && start.zoo.includes(wanted)) await editor.documents.openZoo(wanted);
  else if (wanted) await editor.documents.open(wanted);
  else editor.documents.show("", { name: null });
  editor.writing.area.focus();
}

class Editor {
  constructor(start, shown) {
    Object.assign(this, shown);
    this.writing = new Writing(new Words(start.words), () => this.changed(), () => this.follow());
    this.documents = new Documents(this.writing, () => this.opened());
    this.problems = new Problems(this.writing);
    this.carried = new Carried(shown);
    this.asking = new Asking(this.documents, this.writing, (kind, answer, question) => this[kind](answer, question));
    this.emitted = new Map(); // by name, what the last module said of its layers
    this.completing = new Completing(this.writing, () => this.asking.question());
    this.nets = html("span", { class: "choice" });
    this.variants = html("span", { class: "choice" });
    this.tip = html("div", { class: "hint tip", role: "tooltip", hidden: true });
    this.place();
    this.page.on("selected", (how) => this.mark(how));
    this.writing.area.addEventListener("mousemove", (event) => this.pointed(event));
    const ends = ["mouseleave", "keydown", "pointerdown"];
    for (const end of ends) this.writing.area.addEventListener(end, () => this.untip());
  }

  place() {
    const main = document.querySelector("main"), { banner } = this.documents;
    const left = html("section", { class: "left" }, banner, this.writing.scroll, this.problems.element);
    const grip = html("div", { class: "grip upright", role: "separator", "aria-orientation": "vertical" });
    const lower = html("div", { class: "grip", role: "separator", "aria-orientation": "horizontal" });
    main.prepend(left, grip);
    main.append(lower);
    drag(grip, (x) => this.size("--left", x / innerWidth));
    drag(lower, (x, y) => this.size("--lower", (innerHeight - y) / innerHeight));
    this.bar.prepend(this.documents.element, this.nets, this.variants, this.asking.element);
    document.body.append(this.tip, this.completing.element);
  }

  size(name, share) {
    document.documentElement.style.setProperty(name, `${(100 * Math.min(0.85, Math.max(0.1, share))).toFixed(1)}%`);
    this.diagram.draw();
  }

  // Another document: nothing of the one before it is kept.
  opened() {
    this.carried.forget();
    this.emitted = new Map();
    Object.assign(this.asking, { net: null, variant: null, other: null });
    this.asking.changed();
  }

  changed() {
    this.documents.titled();
    this.untip();
    this.asking.changed();
  }

  // What is drawn. Until the module of this text is there, that of the one before stands, and so do its kernels.
  // Where nothing could be placed the last drawing stays, paler.
  look(answer, question) {
    const { code } = this.page.sheet;
    this.stage.classList.toggle("stale", !answer.data);
    if (answer.data) {
      const { columns, sheets, chosen } = answer.data;
      const [name, ...places] = ["name", ...LATER_KNOWN].map((column) => columns.indexOf(column));
      for (const sheet of sheets) sheet.code = code;
      for (const row of sheets[chosen].layers) {
        const before = this.emitted.get(row[name]);
        if (before) places.forEach((place, i) => { row[place] = before[i]; });
      }
      this.carried.take(answer.data, answer.stopped);
    }
    this.choices(answer);
    const wrong = answer.diagnostics.some((one) => one.severity === "error");
    if (question.text === this.writing.text && wrong) this.told(answer.diagnostics);
  }

  // What came a moment later: the module, and what every net and variant has against it.
  rest(answer) {
    this.told(answer.diagnostics);
    this.panes.panes.PyTorch.element.classList.toggle("stale", !answer.code);
    if (!answer.code) return;
    this.page.sheet.code = answer.code;
    for (const layer of this.page.sheet.order) {
      [layer.line, layer.end] = answer.lines[layer.id] || [0, 0];
      layer.kernel = answer.kernels[layer.id] || 0;
    }
    const { order } = this.page.sheet;
    this.emitted = new Map(order.map((layer) => [layer.name, LATER_KNOWN.map((column) => layer[column])]));
    this.page.tell("emitted");
    if (this.page.kernels) this.page.tell("coloured");
  }

  told(found) {
    for (const one of found) one.typed = one.here ? this.writing.text.slice(one.start, one.end) : "";
    this.problems.show(found);
  }

  choices({ nets, net, variants, variant, other }) {
    const key = JSON.stringify([nets, net, variants, variant, other]);
    if (this.chosen === key) return;
    this.chosen = key;
    const choice = (name, options, now) => {
      const one = select(name, options, (value) => {
        this.asking[name] = value || null;
        this.asking.changed();
      });
      one.value = now || "";
      return one;
    };
    const named = (names) => names.map((name) => [name, name]);
    const rest = variants.filter((name) => name !== variant).map((name) => [name, `compare with ${name}`]);
    const compare = () => choice("other", [["", "compare with …"], ...rest], other);
    this.nets.replaceChildren(nets.length > 1 ? choice("net", named(nets), net) : "");
    if (variants.length < 2) this.variants.replaceChildren();
    else this.variants.replaceChildren(choice("variant", named(variants), variant), compare());
  }

  // The cursor was put somewhere: what is written there is selected everywhere.
  follow() {
    const at = this.writing.cursor;
    if (this.asking.behind || at === this.followed) return;
    this.followed = at;
    const ids = this.page.writtenAt(at);
    if (ids.length) this.page.select(ids, "source");
  }

  mark(how) {
    const own = new Map(), calls = new Map();
    for (const id of [...this.page.selected].slice(0, 200)) {
      const [first, ...around] = this.page.sheet.byId.get(id).at;
      if (first) own.set(first.join(), { from: first[0], to: first[1], kind: "own" });
      for (const [from, to] of around) calls.set(`${from},${to}`, { from, to, kind: "call" });
    }
    if (how.from === "carried" && this.asking.again) return;
    this.writing.mark(["own", "call"], [...calls.values(), ...own.values()]);
    const [first] = own.values();
    if (first && !["source", "carried"].includes(how.from)) this.writing.reveal(first.from);
  }

  async said(offset) {
    try {
      return (await tell("hover", { ...this.asking.question(), offset })).text;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return null;
    }
  }

  pointed(event) {
    clearTimeout(this.waiting);
    const { clientX: x, clientY: y } = event;
    this.waiting = setTimeout(() => this.showTip(x, y), 250);
    this.pointing = this.waiting;
  }

  untip() {
    clearTimeout(this.waiting);
    this.pointing = null; // an answer on its way comes too late
    this.tip.hidden = true;
  }

  // What is wrong at a place, and what stands there: as the server has it, else what is known of its layers.
  async showTip(x, y) {
    const at = this.writing.under(x, y);
    if (at === null || this.completing.open) return this.untip();
    const parts = this.problems.at(at).map((one) => {
      const help = one.help ? html("span", { class: "help" }, " ", words(one.help)) : "";
      return html("p", { class: one.severity }, words(one.message), help);
    });
    const said = await this.said(at), ids = this.page.writtenAt(at);
    if (said) parts.push(...markdown(said));
    else if (ids.length) parts.push(html("b", {}, title(this.page, ids)), listed(facts(this.page, ids)));
    if (!parts.length || !this.pointing) return this.untip();
    this.tip.replaceChildren(...parts);
    this.tip.hidden = false;
    const { width, height } = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 8))}px`;
    this.tip.style.top = `${y + 18 + height > innerHeight ? y - height - 10 : y + 18}px`;
    return undefined;
  }
}
