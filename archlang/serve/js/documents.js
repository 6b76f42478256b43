// What is being written: a file of the folder, or a text of none; opened, watched, and saved when asked.

const WATCH = 700;

class Documents {
  constructor(writing, opened) {
    Object.assign(this, { writing, opened, name: null, proposed: "network.arch" });
    Object.assign(this, { stamp: null, windows: false, saved: "", writes: Promise.resolve(), saving: false });
    Object.assign(this, { turn: 0, shown: 0 });
    const remember = (on) => localStorage.setItem("archlang-format", on ? "on" : "off");
    this.formats = toggle("format", "bring the text into its one form when it is saved", remember);
    this.formats.setAttribute("aria-pressed", String(localStorage.getItem("archlang-format") !== "off"));
    this.title = html("b", { class: "file" });
    this.banner = html("div", { class: "banner", role: "alert", hidden: true });
    this.element = html("span", { class: "documents" }, this.title,
      button("open file", "open a file, or a network of the zoo (Ctrl+O)", () => this.pick()),
      button("save", "save (Ctrl+S)", () => this.save()),
      button("save as", "save under another name", () => this.saveAs()), this.formats);
    addEventListener("beforeunload", (event) => { if (this.dirty) event.preventDefault(); });
    addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const does = { s: () => this.save(), o: () => this.pick() }[event.key];
      if (!does) return;
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) does();
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
    setInterval(() => this.look(), WATCH);
  }

  get dirty() { return this.writing.text !== this.saved; }

  titled() {
    this.title.textContent = this.name || this.proposed;
    this.title.classList.toggle("dirty", this.dirty);
    const kept = this.dirty ? "changed, and not saved" : "as it is on the disk";
    this.title.title = this.name === null ? "not saved yet" : kept;
    document.title = `${this.dirty ? "● " : ""}${this.name || this.proposed} - archlang`;
  }

  show(text, { name, proposed = "network.arch", stamp = null, windows = false }) {
    Object.assign(this, { name, proposed, stamp, windows, saved: text });
    this.shown += 1;
    this.forget();
    this.say();
    this.writing.replace(text);
    history.replaceState(null, "", name === null ? "/" : `/?${new URLSearchParams({ file: name })}`);
    this.titled();
    this.opened();
  }

  async open(name) {
    await this.tried(async () => {
      const file = await ask("file", { name });
      this.show(file.text, { name, stamp: file.stamp, windows: file.windows });
      if (file.stamp === null) this.say(`${name} is new: saving makes it`);
    });
  }

  async openZoo(name) {
    await this.tried(async () => {
      const found = await ask("zoo", { name });
      this.show(found.text, { name: null, proposed: found.name });
    });
  }

  async pick() {
    if (!(await this.mayLeave())) return;
    await this.tried(async () => {
      const [files, { zoo }] = await Promise.all([ask("files"), ask("start")]);
      const picked = await pickName("Open", [["files of this folder", files], ["the zoo", zoo]]);
      if (picked) await (picked[0] === "the zoo" ? this.openZoo(picked[1]) : this.open(picked[1]));
    });
  }

  async mayLeave() {
    if (!this.dirty) return true;
    const said = html("p", {}, `${this.name || this.proposed} has changes that no file has.`);
    return (await choose("This text is not saved", said, [["leave them behind", true], ["stay", false]])) === true;
  }

  async saveAs() {
    const name = await askName("Save as", this.name || this.proposed);
    if (!name) return;
    await this.write(name.endsWith(".arch") ? name : `${name}.arch`);
  }

  async save() {
    if (this.name === null) await this.saveAs();
    else await this.write(this.name);
  }

  // Writes the text once earlier writes are done, for a second one knows the file only by what the first came to;
  // not where another text was opened meanwhile.
  write(name) {
    const { shown } = this;
    const writing = () => this.tried(async () => {
      if (shown === this.shown) await this.beforeSaving();
      if (shown === this.shown) await this.put(name, name === this.name ? this.stamp : null);
    });
    this.writes = this.writes.then(writing, writing);
    return this.writes;
  }

  // Over the file that has this stamp; over any other only as the reader says.
  async put(name, stamp) {
    const { text } = this.writing, { shown } = this;
    this.saving = true;
    this.forget();
    try {
      const file = await tell("save", { name, text, stamp, windows: this.windows });
      if (shown !== this.shown) return; // it is written, and another text stands here
      const moved = name !== this.name;
      Object.assign(this, { name, stamp: file.stamp, saved: text });
      if (moved) history.replaceState(null, "", `/?${new URLSearchParams({ file: name })}`);
      this.say();
      this.titled();
      if (moved) this.opened();
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.status !== 409) throw refusal;
      await this.settle(name, refusal.answer);
    } finally {
      this.saving = false;
      this.forget();
    }
  }

  // What is being asked about the file was asked before this window wrote it or opened another: it is asked again.
  forget() {
    this.turn += 1;
    this.trace = undefined;
  }

  // The text in its one form, unless the reader wants it as it is, or it has errors of form.
  async beforeSaving() {
    if (this.formats.getAttribute("aria-pressed") !== "true") return;
    const { text } = this.writing, formed = (await tell("format", { text })).text;
    if (formed !== null && text === this.writing.text) this.writing.become(formed);
  }

  // Another has written the file since: theirs, ours, or neither.
  async settle(name, theirs) {
    const gone = theirs.stamp === null;
    const other = `${name} is not what it was when this window read it. Against this window's text the file has:`;
    const words = gone ? `${name} is gone from the disk.` : other;
    const chosen = await choose(gone ? "The file is gone" : "The file was changed elsewhere",
      html("div", {}, html("p", {}, words), gone ? "" : drawDifference(this.writing.text, theirs.text)),
      [...(gone ? [] : [["take the file's", "theirs"]]), ["keep mine, and write it", "mine"], ["decide later", null]]);
    if (chosen === "theirs") this.show(theirs.text, { name, stamp: theirs.stamp, windows: theirs.windows });
    if (chosen === "mine") await this.put(name, theirs.stamp);
  }

  // Whether the file on the disk is another by now.
  async look() {
    const { name, turn } = this;
    if (name === null || this.looking || this.saving || document.querySelector("dialog[open]")) return;
    this.looking = true;
    try {
      const { trace } = await ask("trace", { name });
      if (turn !== this.turn || trace === this.trace) return;
      const file = await ask("file", { name });
      if (turn !== this.turn) return;
      this.trace = trace;
      if (file.stamp !== this.stamp) this.changedElsewhere(file);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    } finally {
      this.looking = false;
    }
  }

  changedElsewhere(file) {
    if (file.stamp === null) {
      this.say(`${file.name} is gone from the disk: saving makes it anew`);
      this.saved = null;
      this.titled();
    } else if (file.text === this.writing.text) {
      Object.assign(this, { stamp: file.stamp, saved: file.text });
      this.titled();
    } else if (!this.dirty) {
      this.writing.update(file.text);
      Object.assign(this, { stamp: file.stamp, windows: file.windows, saved: file.text });
      this.titled();
      this.say(`${file.name} was changed elsewhere, and is shown as it is now`);
    } else {
      const compare = button("compare", "see both, and choose", () => this.tried(() => this.settle(file.name, file)));
      this.say(`${file.name} was changed elsewhere, and here too`, compare);
    }
  }

  say(words = "", ...more) {
    this.banner.hidden = !words;
    this.banner.replaceChildren(words, ...more, button("×", "close", () => this.say()));
  }

  async tried(does) {
    try {
      await does();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message);
    }
  }
}
