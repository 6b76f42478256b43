// What could be typed at the cursor, in a list under it: Tab takes what is marked, Enter too once an arrow chose it.

const BRIEFLY = 60;

class Completing {
  constructor(writing, question) {
    Object.assign(this, { writing, question, offers: [], at: 0, chosen: false, turn: 0 });
    this.list = html("ul", { class: "offers", role: "listbox", "aria-label": "what could stand here" });
    this.about = html("div", { class: "about" });
    this.element = html("div", { class: "completing", hidden: true }, this.list, this.about);
    const { area } = writing;
    area.addEventListener("keydown", (event) => this.pressed(event), true);
    area.addEventListener("input", (event) => this.typed(event));
    for (const end of ["blur", "pointerdown"]) area.addEventListener(end, () => this.close());
    writing.scroll.addEventListener("scroll", () => this.close());
  }

  get open() { return !this.element.hidden; }

  typed(event) {
    const before = this.writing.text.slice(0, this.writing.cursor);
    const word = /[\w@.(,-]$/.test(before) && !/(^|[^\w.])[\d.]+$/.test(before); // of a number nothing is known
    if (event.inputType === "insertText" ? word : this.open && word) this.ask();
    else this.close();
  }

  pressed(event) {
    if (event.key === " " && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.ask(true);
      return;
    }
    if (!this.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      ArrowDown: () => this.mark(this.at + 1, true), ArrowUp: () => this.mark(this.at - 1, true),
      Tab: () => this.take(), Escape: () => this.close(), Enter: this.chosen ? () => this.take() : null,
    }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    does();
  }

  ask(wanted = false) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const question = this.question(), offset = this.writing.cursor, turn = ++this.turn;
      try {
        const { offers } = await tell("complete", { ...question, offset });
        if (question.text === this.writing.text && offset === this.writing.cursor) this.show(offers, offset, wanted);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        if (turn === this.turn) this.close(); // an older question that was dropped says nothing of this one
      }
    }, wanted ? 0 : BRIEFLY);
  }

  show(offers, offset, wanted) {
    const typed = offers.length ? this.writing.text.slice(offers[0].start, offset) : "";
    if (!offers.length || (!wanted && (!typed || offers[0].insert === typed))) return this.close();
    Object.assign(this, { offers, chosen: false });
    this.list.replaceChildren(...offers.map((offer, i) => this.line(offer, i)));
    this.element.hidden = false;
    this.put(offers[0].start);
    return this.mark(0, wanted);
  }

  line(offer, i) {
    const take = (event) => {
      event.preventDefault();
      this.at = i;
      this.take();
    };
    return html("li", { role: "option", onpointerdown: take },
      html("b", {}, offer.label), html("span", {}, offer.kind), html("i", {}, offer.detail));
  }

  // Under the word that is being typed, or above it where there is no room.
  put(start) {
    const at = this.writing.pieceAt(start).getBoundingClientRect();
    const { width, height } = this.element.getBoundingClientRect();
    const below = at.bottom + 2 + height < innerHeight;
    this.element.style.left = `${Math.max(4, Math.min(at.left, innerWidth - width - 8))}px`;
    this.element.style.top = `${below ? at.bottom + 2 : Math.max(4, at.top - height - 2)}px`;
  }

  mark(at, chosen) {
    this.at = (at + this.offers.length) % this.offers.length;
    this.chosen = chosen;
    [...this.list.children].forEach((line, i) => line.setAttribute("aria-selected", String(i === this.at)));
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    this.about.replaceChildren(...markdown(this.offers[this.at].documentation || this.offers[this.at].detail));
  }

  take() {
    const { start, insert } = this.offers[this.at];
    this.close();
    this.writing.put(start, this.writing.cursor, insert);
    this.close();
  }

  close() {
    clearTimeout(this.timer);
    this.element.hidden = true;
  }
}

// A paragraph: code between backticks, and letters of which a backslash says that they are no markup.
function prose(text) {
  const parts = text.split("`");
  const plain = (part) => part.replace(/\\([\\*_[\]<>])/g, "$1");
  return html("span", {}, ...parts.map((part, i) => (i % 2 ? html("code", {}, part) : plain(part))));
}

// Paragraphs, lists and code of a text in Markdown, as elements.
function markdown(text) {
  return text.split(/\n{2,}/).filter(Boolean).map((part) => {
    const lines = part.split("\n");
    if (!lines.every((line) => line.startsWith("- "))) return html("p", {}, prose(part));
    return html("ul", {}, ...lines.map((line) => html("li", {}, prose(line.slice(2)))));
  });
}
