// The table: a row a layer, under the frames that hold them, folded with the diagram; sorted or filtered, flat.

const HEADS = [
  ["name", "layer", (layer) => layer.name, false], ["kind", "kind", (layer) => layer.kind, false],
  ["output", "output", (layer) => layer.output, false], ["params", "params", (layer) => layer.params, true],
  ["macs", "MACs", (layer) => layer.macs, true], ["bytes", "memory", (layer) => layer.bytes, true],
  ["field", "field", (layer) => pair(layer.field), true], ["stage", "stage", (layer) => layer.stage, false],
];
const TIME = ["time", "time", (layer) => layer.time, true];
const SAID = { bytes, params: amount, macs: amount, time: (seconds) => (seconds ? duration(seconds) : "") };
const MOST_ROWS = 600;

class Table {
  constructor(page) {
    this.page = page;
    this.sorted = null;
    this.down = true;
    this.heads = HEADS;
    this.wanted = "";
    this.limit = MOST_ROWS;
    this.filter = html("input", {
      type: "search", placeholder: "filter layers", "aria-label": "filter layers",
      oninput: () => { this.wanted = this.filter.value.toLowerCase(); this.draw(); },
    });
    this.head = html("tr");
    this.body = html("tbody");
    this.foot = html("tfoot");
    this.said = html("span", { class: "said", role: "status" });
    const copy = (name, text) => button(name, `copy as ${name}`, () => this.copy(text()));
    this.element = html("div", { class: "pane table" },
      html("div", { class: "tools" }, this.filter, copy("CSV", () => this.csv()), copy("Markdown", () => this.markdown()), this.said),
      html("div", { class: "scroll" }, html("table", {}, html("thead", {}, this.head), this.body, this.foot)));
    for (const event of ["sheet", "folded"]) page.on(event, () => { this.limit = MOST_ROWS; this.draw(); });
    page.on("selected", (how) => this.mark(how.from !== "table"));
    page.on("hovered", () => this.mark(false));
  }

  // The rows shown: layers, and in the order of the network the frames that hold them.
  rows() {
    const { sheet } = this.page, rows = [];
    const visit = (items, depth) => {
      for (const item of items) {
        if (isBox(item) && !item.closed) {
          for (const layer of item.n.map((id) => sheet.byId.get(id))) {
            if (layer.inputs.length) rows.push({ layer, ids: sheet.copiesOf.get(layer.id) || [layer.id], depth });
          }
        } else if (isBox(item) || isFrame(item)) {
          const ids = isBox(item) ? sheet.members(item) : boxesOf(item.b).flatMap((box) => sheet.members(box));
          rows.push({ frame: item.closed || item, closed: isBox(item), ids, depth });
          if (!isBox(item)) visit(item.b, depth + 1);
        } else {
          visit(inside(item).flat(), depth);
        }
      }
    };
    visit(sheet.seen.body, 0);
    if (this.sorted === null && !this.wanted) return rows;
    const wanted = ({ name, kind, stage, output }) => `${name} ${kind} ${stage} ${output}`.toLowerCase().includes(this.wanted);
    const kept = this.wanted
      ? sheet.order.filter(wanted).map((layer) => ({ layer, ids: [layer.id], depth: 0 }))
      : rows.filter((row) => row.layer);
    if (this.sorted === null) return kept;
    const [name, , , number] = this.heads[this.sorted], way = this.down ? -1 : 1;
    const value = ({ layer, ...row }) => {
      if (name === "field") return (layer.field || [0])[0];
      return number ? Number(this.sum(row, name)) || 0 : layer[name];
    };
    return kept.map((row) => ({ ...row, depth: 0 })).sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return number ? way * (x - y) : -way * String(x).localeCompare(String(y), "en", { numeric: true });
    });
  }

  sum(row, name) { return row.ids.reduce((total, id) => plus(total, this.page.sheet.byId.get(id)[name]), 0); }

  cells(row) {
    if (row.layer) {
      const name = row.ids.length > 1 ? `${row.layer.name}  x${row.ids.length}` : row.layer.name;
      return this.heads.map(([head, , text]) => (head === "name" ? name : SAID[head] ? this.sum(row, head) : text(row.layer)));
    }
    const { frame } = row, title = [frame.t, frame.s, frame.x > 1 ? `x${frame.x}` : ""].filter(Boolean).join(" · ") || frame.K;
    return this.heads.map(([head]) => ({ name: title, kind: frame.K })[head] || (SAID[head] ? this.sum(row, head) : ""));
  }

  draw() {
    this.heads = this.page.sheet.times ? [...HEADS, TIME] : HEADS;
    if (this.sorted >= this.heads.length) this.sorted = null;
    this.head.replaceChildren(...this.heads.map(([name, title, , number], i) => html("th", {
      class: number ? "number" : "", scope: "col",
      "aria-sort": this.sorted !== i ? "none" : this.down ? "descending" : "ascending",
    }, button(title + (this.sorted !== i ? "" : this.down ? " ▼" : " ▲"), `sort by ${title}`, () => this.sort(i), { "data-column": name }))));
    this.lines = new Map();
    const rows = this.rows();
    this.body.replaceChildren(...rows.slice(0, this.limit).map((row) => this.line(row)));
    if (rows.length > this.limit) {
      const more = () => { this.limit = 10 * this.limit; this.draw(); };
      this.body.append(html("tr", {}, html("td", { colspan: this.heads.length }, button(`${rows.length - this.limit} more rows`, "show them", more))));
    }
    const learned = this.page.sheet.order.filter((layer) => !layer.only);
    const total = (name) => SAID[name](learned.reduce((all, layer) => plus(all, layer[name]), 0));
    this.foot.replaceChildren(html("tr", {}, ...this.heads.map(([name, , , number]) => {
      const text = name === "name" ? "total" : SAID[name] ? total(name) : "";
      return html("td", { class: number ? "number" : "" }, text);
    })));
    if (this.body.firstChild) this.body.firstChild.tabIndex = 0;
    this.mark(false);
  }

  line(row) {
    const press = () => this.page.select(row.ids, "table");
    const line = html("tr", {
      class: `${row.layer ? "layer" : "group"}${row.layer && row.layer.only ? " only" : ""}`, tabindex: -1, onclick: press,
      onkeydown: (event) => this.step(event, line, press),
      onpointerover: () => row.layer && this.page.hover(row.layer.id), onpointerleave: () => this.page.hover(null),
    }, ...this.cells(row).map((value, i) => {
      const [name, , , number] = this.heads[i], text = String(SAID[name] ? SAID[name](value) : value);
      const style = i === 0 ? `padding-left:${6 + 12 * row.depth}px` : false;
      return html("td", { class: number ? "number" : "", style }, i === 0 && row.frame ? this.fold(row) : null, text);
    }));
    if (row.layer) for (const id of row.ids) this.lines.set(id, line);
    return line;
  }

  // Enter selects a row, the arrows go from row to row.
  step(event, line, press) {
    if (event.target !== line) return;
    const next = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (event.key === "Enter") press();
    if (!next) return;
    event.preventDefault();
    line.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  fold(row) {
    const { frame } = row;
    const press = (event) => {
      event.stopPropagation();
      if (frame.K === "copies") this.page.toggle("unfolded", frame.repeat);
      else this.page.toggle("closed", frame.F);
    };
    return button(row.closed ? "▸" : "▾", row.closed ? "open" : "close", press, { class: "fold" });
  }

  sort(column) {
    if (this.sorted === column && !this.down) this.sorted = null;
    else [this.sorted, this.down] = [column, this.sorted !== column];
    this.draw();
  }

  mark(scroll) {
    for (const line of this.body.querySelectorAll(".selected, .hovered")) line.classList.remove("selected", "hovered");
    let first = null;
    for (const id of this.page.selected) {
      const line = (this.lines || new Map()).get(id);
      if (line) line.classList.add("selected");
      first = first || line;
    }
    if (scroll && first) first.scrollIntoView({ block: "nearest" });
    const line = this.page.hovered !== null && (this.lines || new Map()).get(this.page.hovered);
    if (line) line.classList.add("hovered");
  }

  // What is copied has exact numbers, as they are sorted and filtered now.
  plain() { return [this.heads.map((head) => head[1]), ...this.rows().map((row) => this.cells(row).map(String))]; }

  csv() {
    const cell = (text) => {
      const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
      return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return `${this.plain().map((row) => row.map(cell).join(",")).join("\n")}\n`;
  }

  markdown() {
    const [head, ...rows] = this.plain(), rule = this.heads.map((one) => (one[3] ? "---:" : "---"));
    const line = (row) => `| ${row.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
    return `${[line(head), line(rule), ...rows.map(line)].join("\n")}\n`;
  }

  async copy(text) {
    this.copied = text;
    try {
      await navigator.clipboard.writeText(text);
      this.said.textContent = "copied";
    } catch {
      const area = html("textarea", {}, text);
      document.body.append(area);
      area.select();
      this.said.textContent = document.execCommand("copy") ? "copied" : "the browser does not let pages copy";
      area.remove();
    }
    setTimeout(() => { this.said.textContent = ""; }, 2000);
  }
}
