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

class Table extends Pane {
  constructor(page) {
    super(page, html("div", { class: "pane table" }));
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
    this.kept = new Kept(this.body, ({ row, cells }) => this.line(row, cells), placeLine);
    this.foot = html("tfoot");
    this.said = html("span", { class: "said", role: "status" });
    const copy = (name, text) => button(name, `copy as ${name}`, () => this.copy(text()));
    const copies = [copy("CSV", () => this.csv()), copy("Markdown", () => this.markdown())];
    this.element.append(
      html("div", { class: "tools" }, this.filter, ...copies, this.said),
      html("div", { class: "scroll" }, html("table", {}, html("thead", {}, this.head), this.body, this.foot)));
    for (const event of ["sheet", "folded"]) page.on(event, (how) => { this.limit = MOST_ROWS; this.redraw(how); });
    page.on("selected", (how) => this.remark(how.from !== "table"));
    page.on("hovered", () => this.remark(false));
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
    const said = ({ name, kind, stage, output }) => `${name} ${kind} ${stage} ${output}`.toLowerCase();
    const wanted = (layer) => said(layer).includes(this.wanted);
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
      return this.heads.map(([head, , text]) => {
        if (head === "name") return name;
        return SAID[head] ? this.sum(row, head) : text(row.layer);
      });
    }
    const { frame } = row, said = [frame.t, frame.s, frame.x > 1 ? `x${frame.x}` : ""].filter(Boolean);
    const own = { name: said.join(" · ") || frame.K, kind: frame.K };
    return this.heads.map(([head]) => own[head] || (SAID[head] ? this.sum(row, head) : ""));
  }

  draw() {
    this.heads = this.page.sheet.times ? [...HEADS, TIME] : HEADS;
    if (this.sorted >= this.heads.length) this.sorted = null;
    this.drawHead();
    this.drawRows();
    this.drawFoot();
    this.mark(false);
  }

  drawHead() {
    const look = `${this.heads.length} ${this.sorted} ${this.down}`, way = this.down ? "descending" : "ascending";
    if (this.headLook === look) return;
    this.headLook = look;
    this.head.replaceChildren(...this.heads.map(([name, title, , number], i) => {
      const chosen = this.sorted === i, sign = !chosen ? "" : this.down ? " ▼" : " ▲";
      const press = button(title + sign, `sort by ${title}`, () => this.sort(i), { "data-column": name });
      return html("th", { class: number ? "number" : "", scope: "col", "aria-sort": chosen ? way : "none" }, press);
    }));
  }

  // The rows that are as they were keep their lines.
  drawRows() {
    const rows = this.rows();
    if (this.more) this.more.remove();
    this.kept.show(rows.slice(0, this.limit).map((row) => {
      const cells = this.texts(row), { layer, frame, closed, depth } = row;
      const look = JSON.stringify([cells, depth, !!frame, !!closed, !!layer && layer.only]);
      return { look, at: { row, cells } };
    }));
    this.lines = new Map();
    for (const { element, at: { row } } of this.kept.pieces) {
      if (row.layer) for (const id of row.ids) this.lines.set(id, element);
    }
    if (rows.length > this.limit) {
      const show = () => { this.limit = 10 * this.limit; this.draw(); };
      const press = button(`${rows.length - this.limit} more rows`, "show them", show);
      this.more = html("tr", {}, html("td", { colspan: this.heads.length }, press));
      this.body.append(this.more);
    }
    if (this.body.firstChild && !this.body.querySelector("[tabindex='0']")) this.body.firstChild.tabIndex = 0;
  }

  drawFoot() {
    const learned = this.page.sheet.order.filter((layer) => !layer.only);
    const total = (name) => SAID[name](learned.reduce((all, layer) => plus(all, layer[name]), 0));
    const texts = this.heads.map(([name]) => (name === "name" ? "total" : SAID[name] ? total(name) : ""));
    if (this.footLook === texts.join("\n")) return;
    this.footLook = texts.join("\n");
    const cells = this.heads.map(([, , , number], i) => html("td", { class: number ? "number" : "" }, texts[i]));
    this.foot.replaceChildren(html("tr", {}, ...cells));
  }

  // What is written in a row.
  texts(row) {
    return this.cells(row).map((value, i) => {
      const say = SAID[this.heads[i][0]];
      return String(say ? say(value) : value);
    });
  }

  line(row, cells) {
    const { layer, frame, depth } = row, press = () => this.page.select(line.row.ids, "table");
    const line = html("tr", {
      class: `${layer ? "layer" : "group"}${layer && layer.only ? " only" : ""}`, tabindex: -1, onclick: press,
      onkeydown: (event) => this.step(event, line, press),
      onpointerover: () => line.row.layer && this.page.hover(line.row.layer.id),
      onpointerleave: () => this.page.hover(null),
    });
    cells.forEach((text, i) => {
      const style = i === 0 ? `padding-left:${6 + 12 * depth}px` : false;
      const cell = html("td", { class: this.heads[i][3] ? "number" : "", style });
      if (i === 0 && frame) cell.append(this.fold(row, line));
      cell.append(text);
      line.append(cell);
    });
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

  fold(row, line) {
    const press = (event) => {
      const { frame } = line.row;
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
    const { selected, hovered } = this.page, lines = this.lines || new Map();
    const marked = new Set([...selected].map((id) => lines.get(id)).filter(Boolean)), [first] = marked;
    const pointed = hovered === null ? undefined : lines.get(hovered);
    for (const line of this.body.querySelectorAll(".selected, .hovered")) {
      if (!marked.has(line)) line.classList.remove("selected");
      if (line !== pointed) line.classList.remove("hovered");
    }
    for (const line of marked) line.classList.add("selected");
    if (pointed) pointed.classList.add("hovered");
    if (scroll && first) first.scrollIntoView({ block: "nearest" });
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

function placeLine(line, piece) { line.row = piece.at.row; }
