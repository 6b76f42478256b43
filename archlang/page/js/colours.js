// Heat by what layers cost, what changed between two variants, the memory alive at each step, and the legend.

const HEATS = {
  macs: "MACs", params: "parameters", bytes: "activation memory", intensity: "MACs per byte moved",
  time: "measured time",
};
const COLD = [250, 236, 200], HOT = [176, 16, 24], DARK_TEXT = [0, 0, 0], LIGHT_TEXT = [255, 255, 255];
const TIMELINE = 120, LONGEST_BAR = 90;

// How a box is painted in heat: its fill by the logarithm of its weight, as layers differ by powers of ten; its text.
function painted(page, ids) {
  if (!page.heat || page.other !== "") return null;
  const weight = page.weight(ids);
  if (!weight) return { heat: "none" };
  const share = Math.max(0, 1 + Math.log10(weight / hottest(page)) / 4);
  const fill = COLD.map((cold, i) => Math.round(cold + share * (HOT[i] - cold)));
  return { heat: share.toFixed(2), fill: `rgb(${fill})`, text: `rgb(${readableOn(fill)})` };
}

// Of a dark and a light text the one that stands out more.
function readableOn(fill) { return contrast(fill, LIGHT_TEXT) > contrast(fill, DARK_TEXT) ? LIGHT_TEXT : DARK_TEXT; }

// The ratio of two colours' light, from 1 to 21, as WCAG 2 defines it.
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function chooseHeat(page, heat) {
  page.heat = heat;
  page.tell("coloured");
}

// What the heaviest box weighs that is shown now.
function hottest(page) {
  const { sheet, heat } = page;
  if (sheet.hottest && sheet.hottest.heat === heat && sheet.hottest.seen === sheet.seen) return sheet.hottest.weight;
  const weight = largest(sheet.places.boxes.map((at) => page.weight(sheet.members(at.box))), 0);
  sheet.hottest = { heat, seen: sheet.seen, weight };
  return weight;
}

// Bars beside the diagram: how much memory is alive while each box runs, with the peak marked.
function drawTimeline(page, diagram) {
  const { timeline } = diagram, { sheet } = page;
  timeline.replaceChildren();
  if (!page.memory) return;
  const live = (id) => sheet.byId.get(id).live || 0, rows = new Map();
  for (const at of sheet.places.boxes) {
    const most = largest(sheet.members(at.box).map(live), 0), row = rows.get(at.y);
    if (most && (!row || row.most < most)) rows.set(at.y, { at, most });
  }
  const bars = [...rows.values()].sort((a, b) => a.at.y - b.at.y), peak = largest(bars.map((row) => row.most), 0);
  bars.forEach(({ at, most }, i) => {
    const width = LONGEST_BAR * (most / peak), room = i + 1 < bars.length ? bars[i + 1].at.y - at.y : at.height;
    timeline.append(svg("rect", {
      class: most === peak ? "peak" : "", x: -24 - width, y: at.y, width, height: Math.min(at.height, room), rx: 2,
      onclick: () => page.select(sheet.members(at.box), "timeline"),
    }, svg("title", {}, `${bytes(most)} alive here`)));
  });
  const top = bars.find((row) => row.most === peak), x = -24 - LONGEST_BAR;
  const said = top ? `peak ${bytes(peak)}` : "unknown: sizes are open";
  timeline.append(svg("text", { x, y: top ? top.at.y - 4 : 10 }, said));
}

function drawLegend(page) {
  const { sheet } = page, shownBoxes = sheet.places.boxes;
  const used = (kind) => shownBoxes.some((at) => sheet.members(at.box).some((id) => sheet.byId.get(id)[kind]));
  const entry = (attributes, text) => html("span", { class: "entry" }, html("i", attributes), text);
  const entries = [];
  if (page.other !== "") {
    entries.push(html("span", { class: "difference" }, costOf(page)));
    const counts = new Map();
    for (const name of page.changes().values()) counts.set(name, (counts.get(name) || 0) + 1);
    for (const [name, many] of counts) entries.push(entry({ class: "mark", "data-change": name }, `${name} (${many})`));
  } else if (page.heat) {
    entries.push(...heatScale(page));
  } else {
    for (const kind of new Set(shownBoxes.map((at) => page.data.kin[at.box.f] || at.box.f))) {
      entries.push(entry({ class: "swatch", "data-f": kind }, kind === "closed" ? "closed part" : kind));
    }
  }
  if (used("only")) entries.push(entry({ class: "mark only" }, "only in training"));
  if (used("still")) entries.push(entry({ class: "mark still" }, "does not learn"));
  if (page.kernels && used("kernel")) entries.push(entry({ class: "mark kernel" }, "one kernel"));
  if (page.kernels && !used("kernel")) entries.push("no kernel runs several layers");
  return entries;
}

function heatScale(page) {
  const most = hottest(page), said = { bytes, time: duration }[page.heat] || amount;
  if (!most) return [html("span", {}, `${HEATS[page.heat]}: not known of this network`)];
  const text = `${HEATS[page.heat]}: 1/10,000 of the hottest, to ${said(most)}`;
  return [html("span", { class: "scale" }), html("span", {}, text)];
}

// What one gets, and pays, with the tab shown instead of the one it is compared with.
function costOf(page) {
  const other = page.sheets[Number(page.other)];
  const signed = (number) => `${number < 0 ? "-" : "+"}${amount(Math.abs(number))}`;
  const total = (sheet, of) => sheet.order.reduce((sum, layer) => sum + (layer.only ? 0 : Number(of(layer))), 0);
  const parts = [["layers", () => 1], ["parameters", (layer) => layer.params], ["MACs", (layer) => layer.macs]];
  const more = parts.map(([name, of]) => [name, total(page.sheet, of) - total(other, of)]);
  const known = more.filter(([, number]) => !Number.isNaN(number)).map(([name, number]) => `${signed(number)} ${name}`);
  const lacks = [...page.changes(true).values()].filter((name) => name === "added" || name === "removed").length;
  const alone = lacks ? `; ${lacks} layers are in ${other.variant} alone` : "";
  return `${page.sheet.variant} instead of ${other.variant}: ${known.join(", ")}${alone}`;
}
