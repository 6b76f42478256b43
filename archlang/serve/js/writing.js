// The source as it is written: a text area, and under it the same text with its colours and what is marked in it.
// A mark is {from, to, kind}: what is wrong there, or what is selected.

class Writing {
  constructor(words, changed, moved) {
    Object.assign(this, { words, changed, moved, marks: [], shown: [], text: "" });
    this.shade = html("pre", { class: "shade", "aria-hidden": "true" });
    this.area = html("textarea", {
      class: "area", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-label": "the source",
      oninput: () => this.typed(), onkeydown: (event) => this.pressed(event), onselect: () => this.moved(),
      onkeyup: () => this.moved(), onpointerup: () => this.moved(),
    });
    this.scroll = html("div", { class: "writing" }, html("div", { class: "sheet" }, this.shade, this.area));
    this.draw();
  }

  get cursor() { return this.area.selectionStart; }

  // Another text in place of all of it.
  replace(text) {
    this.area.value = text;
    this.area.setSelectionRange(0, 0);
    this.marks = [];
    this.text = text;
    this.draw();
    this.scroll.scrollTop = 0;
  }

  // The same text as it has become elsewhere: the cursor stays where it was.
  update(text) {
    const [from, to, by] = changedPart(this.text, text), at = this.cursor;
    this.area.value = text;
    const now = at <= from ? at : at >= to ? at + by : from;
    this.area.setSelectionRange(now, now);
    this.typed();
  }

  // Puts text where other text stood, as if it had been typed, so that it can be undone.
  put(from, to, text) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
    const done = text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete");
    if (!done) {
      this.area.setRangeText(text, from, to, "end");
      this.typed();
    }
  }

  // Another form of the same text, put in as one change that can be undone, with the cursor in its place.
  become(text) {
    const [from, to, by] = changedPart(this.text, text), at = this.cursor;
    if (this.text === text) return;
    this.put(from, to, text.slice(from, to + by));
    const now = at <= from ? at : at >= to ? at + by : Math.min(at, to + by);
    this.area.setSelectionRange(now, now);
  }

  typed() {
    const before = this.text, after = this.area.value;
    if (before === after) return;
    const [from, to, by] = changedPart(before, after);
    this.marks = this.marks.flatMap((mark) => (mark.to < from ? [mark] : mark.from >= to ? [{ ...mark, from: mark.from + by, to: mark.to + by }] : []));
    this.text = after;
    this.draw();
    this.changed();
    this.moved();
  }

  pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" && !event.shiftKey && this.cursor === this.area.selectionEnd && this.tabbing) {
      event.preventDefault();
      this.put(this.cursor, this.cursor, "  ");
    } else if (event.key === "Enter") {
      const line = this.text.slice(this.text.lastIndexOf("\n", this.cursor - 1) + 1, this.cursor);
      const indent = /^[ \t]*/.exec(line)[0] + (/[{[]\s*$/.test(line) ? "  " : "");
      if (!indent) return;
      event.preventDefault();
      this.put(this.cursor, this.area.selectionEnd, `\n${indent}`);
    } else if (event.key === "Escape") {
      this.tabbing = false;
    } else if (event.key.length === 1) {
      this.tabbing = true;
    }
  }

  mark(kinds, marks) {
    this.marks = [...this.marks.filter((mark) => !kinds.includes(mark.kind)), ...marks];
    this.draw();
  }

  // Draws the lines that are not as they were.
  draw() {
    const texts = this.text.split("\n"), wanted = [], kept = this.shown;
    const marks = this.marks.map((mark) => ({ ...mark, to: Math.max(mark.to, mark.from + 1) })).sort((a, b) => a.from - b.from);
    let at = 0, next = 0;
    const open = [];
    for (const text of texts) {
      const end = at + text.length + 1;
      while (next < marks.length && marks[next].from < end) open.push(marks[next++]);
      const here = open.filter((mark) => mark.to > at && mark.from < end).map((mark) => [Math.max(0, mark.from - at), Math.min(text.length + 1, mark.to - at), mark.kind]);
      for (let i = open.length - 1; i >= 0; i -= 1) if (open[i].to <= end) open.splice(i, 1);
      wanted.push({ text, here, key: here.length ? `${text}\n${here.join(";")}` : text });
      at = end;
    }
    let head = 0, tail = 0;
    while (head < kept.length && head < wanted.length && kept[head].key === wanted[head].key) head += 1;
    while (tail < kept.length - head && tail < wanted.length - head && kept[kept.length - 1 - tail].key === wanted[wanted.length - 1 - tail].key) tail += 1;
    const behind = tail ? kept[kept.length - tail].element : null;
    for (const line of kept.slice(head, kept.length - tail)) line.element.remove();
    const made = wanted.slice(head, wanted.length - tail).map((line) => ({ key: line.key, element: this.line(line) }));
    if (behind) behind.before(...made.map((line) => line.element));
    else this.shade.append(...made.map((line) => line.element));
    this.shown = [...kept.slice(0, head), ...made, ...(tail ? kept.slice(-tail) : [])];
  }

  line({ text, here }) {
    const element = html("span", { class: "line" }), words = this.words.of(text), padded = `${text} `;
    const cuts = [...new Set([0, padded.length, ...words.flatMap(([from, to]) => [from, to]), ...here.flatMap(([from, to]) => [from, to])])].sort((a, b) => a - b);
    for (let i = 0; i < cuts.length - 1; i += 1) {
      const [from, to] = [cuts[i], cuts[i + 1]], word = words.find((one) => one[0] <= from && to <= one[1]);
      const kinds = here.filter((one) => one[0] <= from && to <= one[1]).map((one) => `is-${one[2]}`);
      const piece = html("span", { class: [...(word ? [`w-${word[2]}`] : []), ...kinds].join(" ") || false }, padded.slice(from, to));
      piece.from = from;
      element.append(piece);
    }
    return element;
  }

  // The piece of text under a point of the screen, as its offset; null where there is none.
  under(x, y) {
    const piece = document.elementsFromPoint(x, y).find((one) => one.from !== undefined && this.shade.contains(one));
    if (!piece) return null;
    const line = this.shown.findIndex((one) => one.element === piece.parentNode);
    return this.shown.slice(0, line).reduce((sum, one) => sum + one.element.textContent.length, 0) + piece.from;
  }

  // Where an offset is on the screen: the piece that shows it.
  pieceAt(offset) {
    const before = this.text.slice(0, offset), number = before.split("\n").length - 1;
    const column = offset - (before.lastIndexOf("\n") + 1), line = this.shown[number];
    return line ? [...line.element.children].findLast((piece) => piece.from <= column) || line.element : null;
  }

  reveal(offset) {
    const piece = this.pieceAt(offset);
    if (piece) piece.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  goTo(from, to = from) {
    this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(from, to);
    this.reveal(from);
    this.moved();
  }
}

// The part of a text that another has in its place, and by how much what follows has moved.
function changedPart(before, after) {
  const least = Math.min(before.length, after.length);
  let head = 0, tail = 0;
  while (head < least && before[head] === after[head]) head += 1;
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return [head, before.length - tail, after.length - before.length];
}
