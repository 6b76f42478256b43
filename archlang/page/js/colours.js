// Heat by what layers cost, what changed between two variants, the memory alive at each step, and the legend.

const HEATS = { macs: "MACs", params: "parameters", bytes: "activation memory", intensity: "MACs per byte moved", time: "measured time" };
const COLD = [250, 236, 200], HOT = [176, 16, 24];

// The colour of a box in heat: by the logarithm of its weight, as layers differ by powers of ten.
function painted(page, ids) {
  if (!page.heat) return {};
  const weight = page.weight(ids), share = weight > 0 ? Math.max(0, 1 + Math.log10(weight / page.hottest) / 4) : 0;
  const mix = COLD.map((cold, i) => Math.round(cold + share * (HOT[i] - cold)));
  return { style: `fill:rgb(${mix})`, "data-heat": weight > 0 ? share.toFixed(2) : "none" };
}

function chooseHeat(page, heat) {
  page.heat = heat;
  page.hottest = heat ? Math.max(1e-12, ...page.sheet.places.boxes.map((at) => page.weight(page.sheet.members(at.box)))) : 1;
  page.tell("coloured");
}

// Bars beside the diagram: how much memory is alive while each box runs, with the peak marked.
function drawTimeline(page, diagram) {
  const { timeline } = diagram;
  timeline.replaceChildren();
  if (!page.memory) return;
  const boxes = page.sheet.places.boxes.map((at) => ({ at, live: Math.max(0, ...page.sheet.members(at.box).map((id) => page.sheet.byId.get(id).live || 0)) })).filter((one) => one.live);
  const peak = Math.max(1, ...boxes.map((one) => one.live)), rows = new Map();
  for (const { at, live } of boxes) {
    const row = rows.get(at.y);
    if (!row || row.live < live) rows.set(at.y, { at, live });
  }
  for (const { at, live } of rows.values()) {
    const width = 90 * (live / peak);
    timeline.append(svg("rect", { class: live === peak ? "peak" : "", x: -24 - width, y: at.y, width, height: at.height, rx: 2 }, svg("title", {}, `${bytes(live)} alive here`)));
  }
  const top = boxes.find((one) => one.live === peak);
  if (top) timeline.append(svg("text", { x: -24 - 90, y: top.at.y - 4 }, `peak ${bytes(peak)}`));
}

function drawLegend(page) {
  const entries = [], used = (kind) => page.sheet.places.boxes.some((at) => page.sheet.members(at.box).some((id) => page.sheet.byId.get(id)[kind]));
  if (page.heat) {
    entries.push(html("span", { class: "scale" }), html("span", {}, `${HEATS[page.heat]}: 1/10,000 of the hottest, to ${page.heat === "bytes" ? bytes(page.hottest) : amount(page.hottest)}`));
  } else {
    const kinds = new Set(page.sheet.places.boxes.map((at) => page.data.kin[at.box.f] || at.box.f));
    for (const kind of kinds) entries.push(html("span", { class: "entry" }, html("i", { class: "swatch", "data-f": kind }), kind === "closed" ? "closed part" : kind));
  }
  const more = [["only", "only in training", used("only")], ["still", "does not learn", used("still")], ["kernel", "one kernel", page.kernels && used("kernel")]];
  for (const [name, text, there] of more) if (there) entries.push(html("span", { class: "entry" }, html("i", { class: `mark ${name}` }), text));
  if (page.other !== "") for (const name of ["added", "removed", "changed", "rewired", "resized"]) entries.push(html("span", { class: "entry" }, html("i", { class: "mark", "data-change": name }), name));
  return entries;
}
