// The page put together: the bar at the top, the diagram, the panes beside it, the legend under it.
// Where the source is being edited it has a place of its own, and is no pane.

function showPage(data, editing = false) {
  const page = new Page(data), diagram = new Diagram(page);
  const minimap = new Minimap(page, diagram), search = new Search(page);
  const source = editing ? {} : { source: new Source(page) };
  const panes = new Panes({ table: new Table(page), layer: new Layer(page), ...source, PyTorch: new Emitted(page) });
  const hint = new Hint(page), help = keysHelp(page), legend = html("footer", { class: "legend" });
  const handle = html("div", {
    class: "handle", role: "separator", "aria-orientation": "vertical", "aria-label": "width of the panes", tabindex: 0,
  });
  const totals = html("span", { class: "totals" }), heading = html("h1");
  const tabs = html("nav", { class: "tabs", role: "tablist" });
  const heats = Object.entries(HEATS).filter(([name]) => name !== "time" || data.sheets.some((sheet) => sheet.times));
  const heat = select("colours", [["", "colours by kind"], ...heats], (name) => chooseHeat(page, name));
  const compare = html("span");
  const switches = html("span", { class: "switches" },
    toggle("memory", "memory alive at each step", (on) => {
      page.memory = on;
      drawTimeline(page, diagram);
      if (on) diagram.makeRoom();
    }),
    toggle("kernels", "what one kernel runs together", (on) => { page.kernels = on; page.tell("coloured"); }),
    button("fold", "close every part (f)", () => page.foldAll(true)),
    button("open", "open every part (o)", () => page.foldAll(false)),
    button("copies", "show every copy of repeats (u)", () => page.unfoldAll()),
    button("fit", "the whole network (0)", () => diagram.fit()),
    button("◐", "light or dark", () => darken()), button("?", "the keys (?)", () => page.tell("asking")));
  const bar = html("header", {}, heading, totals, tabs, search.element, heat, compare, switches);
  const stage = html("div", { class: "stage" }, diagram.svg, minimap.svg);
  document.body.append(bar, html("main", {}, stage, handle, panes.element), legend, hint.element, spoken(page), help);
  const redraw = () => rewrite(legend, drawLegend(page));
  page.on("sheet", () => {
    write(heading, page.sheet.scene.title);
    write(totals, page.sheet.scene.subtitle);
    if (editing) return; // which has its own choice of them
    rewrite(tabs, variantTabs(page));
    if (page.sheets.length > 1 || compare.firstChild) compare.replaceChildren(comparison(page));
  });
  page.on("coloured", redraw);
  for (const event of ["sheet", "folded"]) page.on(event, () => { drawTimeline(page, diagram); redraw(); });
  drag(handle, (x) => {
    panes.element.style.width = `${Math.min(innerWidth - 160, Math.max(160, innerWidth - x))}px`;
  });
  listen(page, diagram);
  addEventListener("beforeprint", () => layOutPaper(diagram));
  addEventListener("afterprint", () => putPaperAway(diagram));
  page.tell("sheet");
  window.archlang = { page, diagram, panes, bar, stage, table: panes.panes.table };
  return window.archlang;
}

// A tab for each variant, and how many have none.
function variantTabs(page) {
  const { sheets, data } = page, missing = data.left_out;
  const tab = ({ variant }, i) => {
    const chosen = { role: "tab", "aria-selected": String(i === page.index) };
    return button(variant, `variant ${variant}`, () => page.show(i), chosen);
  };
  const tabs = sheets.length < 2 ? [] : sheets.map(tab);
  if (!missing.length) return tabs;
  const names = { class: "said", title: missing.join(", ") };
  return [...tabs, html("span", names, `${missing.length} more variants left out`)];
}

function comparison(page) {
  const others = page.sheets.map((sheet, i) => [i, `compare with ${sheet.variant}`])
    .filter(([i]) => i !== page.index && page.canCompare(i));
  if (!others.length) return "";
  const menu = select("compare", [["", "compare with …"], ...others], (name) => {
    page.other = name;
    page.tell("coloured");
  });
  menu.value = page.other;
  return menu;
}

// What is selected, for who hears the page.
function spoken(page) {
  const element = html("div", { class: "spoken", role: "status" });
  page.on("selected", () => {
    const ids = [...page.selected];
    element.textContent = ids.length ? `${title(page, ids)}, ${page.sheet.byId.get(ids[ids.length - 1]).output}` : "";
  });
  return element;
}

function keysHelp(page) {
  const close = button("close", "close (Esc)", () => help.close());
  const help = html("dialog", { class: "keys", "aria-label": "keys" }, html("h2", {}, "Keys"), listed(KEYS), close);
  page.on("asking", () => help.showModal());
  return help;
}

function select(name, entries, chosen) {
  const options = entries.map(([value, text]) => html("option", { value }, text));
  const onchange = (event) => chosen(event.target.value);
  return html("select", { "aria-label": name, class: name, onchange }, ...options);
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
  const { dataset } = document.documentElement;
  const dark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.theme = dark ? "light" : "dark";
}

function drag(handle, moved) {
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) moved(event.clientX, event.clientY);
  });
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -40, ArrowRight: 40 }[event.key];
    if (by) moved(handle.getBoundingClientRect().left + by);
  });
}
