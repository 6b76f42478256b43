// The page put together: the bar at the top, the diagram, the panes beside it, the legend under it.
// Where the source is being edited it has a place of its own, and is no pane.

function showPage(data, editing = false) {
  const page = new Page(data), diagram = new Diagram(page), minimap = new Minimap(page, diagram), search = new Search(page);
  const panes = new Panes({ table: new Table(page), layer: new Layer(page), ...(editing ? {} : { source: new Source(page) }), PyTorch: new Emitted(page) });
  const hint = new Hint(page), legend = html("footer", { class: "legend" }), handle = html("div", { class: "handle", role: "separator", "aria-orientation": "vertical" });
  const totals = html("span", { class: "totals" }), heading = html("h1"), tabs = html("nav", { class: "tabs", role: "tablist" });
  const heat = select("colours", [["", "colours by kind"], ...Object.entries(HEATS).filter(([name]) => name !== "time" || data.times)], (name) => chooseHeat(page, name));
  const compare = html("span");
  const switches = html("span", { class: "switches" },
    toggle("memory", "memory alive at each step", (on) => { page.memory = on; drawTimeline(page, diagram); }),
    toggle("kernels", "what one kernel runs together", (on) => { page.kernels = on; page.tell("coloured"); }),
    button("fold", "close every part (f)", () => page.foldAll(true)), button("open", "open every part (o)", () => page.foldAll(false)),
    button("copies", "show every copy of repeats (u)", () => page.unfoldAll()), button("fit", "the whole network (0)", () => diagram.fit()),
    button("◐", "light or dark", () => darken()));
  const bar = html("header", {}, heading, totals, tabs, search.element, heat, compare, switches);
  const stage = html("div", { class: "stage" }, diagram.svg, minimap.svg);
  document.body.append(bar, html("main", {}, stage, handle, panes.element), legend, hint.element);
  const redraw = () => legend.replaceChildren(...drawLegend(page));
  page.on("sheet", () => {
    heading.textContent = page.sheet.scene.title;
    totals.textContent = page.sheet.scene.subtitle;
    tabs.replaceChildren(...(data.sheets.length < 2 ? [] : page.sheets.map((sheet, i) => button(sheet.variant, `variant ${sheet.variant}`, () => page.show(i), { role: "tab", "aria-selected": String(i === page.index) }))));
    if (data.left_out.length) tabs.append(html("span", { class: "said", title: data.left_out.join(", ") }, `and ${data.left_out.length} more, too large for one page`));
    page.other = "";
    const others = page.sheets.map((sheet, i) => [String(i), `compare with ${sheet.variant}`]).filter(([i]) => Number(i) !== page.index && page.canCompare(Number(i)));
    compare.replaceChildren(others.length ? select("compare", [["", "compare with …"], ...others], (name) => { page.other = name; page.tell("coloured"); }) : "");
    if (page.heat) chooseHeat(page, page.heat);
  });
  page.on("coloured", redraw);
  for (const event of ["sheet", "folded"]) page.on(event, () => { drawTimeline(page, diagram); redraw(); });
  drag(handle, (x) => { panes.element.style.width = `${Math.max(160, innerWidth - x)}px`; diagram.draw(); });
  listen(page, diagram);
  addEventListener("resize", () => diagram.place());
  addEventListener("beforeprint", () => print(diagram, true));
  addEventListener("afterprint", () => print(diagram, false));
  page.tell("sheet");
  window.archlang = { page, diagram, panes, bar, stage, table: panes.panes.table };
  return window.archlang;
}

class Panes {
  constructor(panes) {
    this.panes = panes;
    this.tabs = html("nav", { role: "tablist" }, ...Object.keys(panes).map((name) => button(name, `show the ${name}`, () => this.show(name), { role: "tab", "data-pane": name })));
    this.element = html("aside", {}, this.tabs, ...Object.values(panes).map((pane) => pane.element));
    this.show("table");
  }

  show(name) {
    for (const [other, pane] of Object.entries(this.panes)) pane.element.hidden = other !== name;
    for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.pane === name));
  }
}

function select(name, entries, chosen) {
  return html("select", { "aria-label": name, class: name, onchange: (event) => chosen(event.target.value) }, ...entries.map(([value, text]) => html("option", { value }, text)));
}

function toggle(text, title, changed) {
  const one = button(text, title, () => {
    const on = one.getAttribute("aria-pressed") !== "true";
    one.setAttribute("aria-pressed", String(on));
    changed(on);
  }, { "aria-pressed": "false" });
  return one;
}

function darken() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
}

function drag(handle, moved) {
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) moved(event.clientX); });
}

// On paper the diagram stands whole, as wide as the page at most.
function print(diagram, on) {
  const { width, height } = diagram.places;
  if (on) {
    diagram.draw(true);
    diagram.svg.setAttribute("viewBox", `${-MARGIN - 120} ${-MARGIN} ${width + 2 * MARGIN + 120} ${height + 2 * MARGIN}`);
    diagram.root.setAttribute("transform", "");
  } else {
    diagram.svg.removeAttribute("viewBox");
    diagram.place();
  }
}
