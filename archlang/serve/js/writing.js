// The source as it is written: a text area, and under it the same text with its colours and what is marked in it.
// A mark is {from, to, kind}: what is wrong there, or what is selected.

class Writing {
  constructor(words, changed, moved) {
    Object.assign(this, { words, changed, moved, marks: [], shown: [], text: "" });
    this.shade = html("pre", { class: "shade", "aria-hidden": "true" });
    this.area = html("textarea", {
      class: "area", spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off",
      "aria-label": "the source",
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
    this.marks = this.marks.flatMap((mark) => {
      if (mark.to < from) return [mark];
      return mark.from >= to ? [{ ...mark, from: mark.from + by, to: mark.to + by }] : [];
    });
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
    const wanted = this.lines(), kept = this.shown, keys = (lines) => lines.map((line) => line.key);
    const [head, tail] = commonEnds(keys(kept), keys(wanted)), behind = tail ? kept[kept.length - tail].element : null;
    for (const line of kept.slice(head, kept.length - tail)) line.element.remove();
    const made = wanted.slice(head, wanted.length - tail).map((line) => ({ key: line.key, element: this.line(line) }));
    for (const line of made) this.shade.insertBefore(line.element, behind);
    this.shown = [...kept.slice(0, head), ...made, ...(tail ? kept.slice(-tail) : [])];
  }

  // Each line with the parts of marks that lie in it, and a key that tells both.
  lines() {
    const marks = this.marks.map((mark) => ({ ...mark, to: Math.max(mark.to, mark.from + 1) }));
    marks.sort((a, b) => a.from - b.from);
    let at = 0, next = 0, open = [];
    return this.text.split("\n").map((text) => {
      const start = at, end = start + text.length + 1, here = [];
      while (next < marks.length && marks[next].from < end) open.push(marks[next++]);
      for (const { from, to, kind } of open) {
        if (to > start) here.push([Math.max(0, from - start), Math.min(text.length + 1, to - start), kind]);
      }
      open = open.filter((mark) => mark.to > end);
      at = end;
      return { text, here, key: here.length ? `${text}\n${here.join(";")}` : text };
    });
  }

  // A line in pieces, cut wherever a word or a mark begins or ends.
  line({ text, here }) {
    const element = html("span", { class: "line" }), found = this.words.of(text), padded = `${text} `;
    const ends = [0, padded.length];
    for (const [from, to] of [...found, ...here]) ends.push(from, to);
    const cuts = [...new Set(ends)].sort((a, b) => a - b);
    for (let i = 0; i < cuts.length - 1; i += 1) {
      const [from, to] = [cuts[i], cuts[i + 1]], covers = (one) => one[0] <= from && to <= one[1];
      const word = found.find(covers), kinds = here.filter(covers).map((one) => `is-${one[2]}`);
      if (word) kinds.unshift(`w-${word[2]}`);
      const piece = html("span", { class: kinds.join(" ") || false }, padded.slice(from, to));
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
  const [head, tail] = commonEnds(before, after);
  return [head, before.length - tail, after.length - before.length];
}

// How much of two lists or texts is the same at the beginning, and of what is left at the end.
function commonEnds(one, other) {
  const least = Math.min(one.length, other.length);
  let head = 0, tail = 0;
  while (head < least && one[head] === other[head]) head += 1;
  while (tail < least - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
  return [head, tail];
}
