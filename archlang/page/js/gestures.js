// What mouse, fingers and keys do to the diagram.

function listen(page, diagram) {
  const { svg: area } = diagram, held = new Map();
  let moved = false;
  area.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left, top } = area.getBoundingClientRect();
    const by = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016));
    if (event.ctrlKey || !event.shiftKey) diagram.zoom(by, event.clientX - left, event.clientY - top);
    else diagram.look({ ...diagram.view, x: diagram.view.x - event.deltaY });
  }, { passive: false });
  area.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, [event.clientX, event.clientY]);
    moved = false;
  });
  area.addEventListener("pointermove", (event) => {
    const at = held.get(event.pointerId);
    if (!at) return;
    const now = [event.clientX, event.clientY];
    if (apart(at, now) < 3 && !moved) return;
    if (!moved) area.setPointerCapture(event.pointerId);
    moved = true;
    const others = [...held].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (others.length) pinch(diagram, others[0], at, now);
    else diagram.look({ ...diagram.view, x: diagram.view.x + now[0] - at[0], y: diagram.view.y + now[1] - at[1] });
    held.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel"]) area.addEventListener(end, (event) => held.delete(event.pointerId));
  area.addEventListener("click", (event) => {
    if (moved) { moved = false; event.stopPropagation(); return; }
    const box = boxAt(page, event);
    if (box) page.select(page.sheet.members(box), "diagram");
    else if (!event.target.closest(".frame")) page.select([], "diagram");
  }, true);
  area.addEventListener("dblclick", (event) => {
    const box = boxAt(page, event);
    if (box && box.closed) page.toggle("closed", box.closed.F);
    else if (box && box.repeat) page.toggle("unfolded", box.repeat);
  });
  area.addEventListener("pointerover", (event) => {
    const box = boxAt(page, event);
    page.hover(box ? nodesShown(box)[box.closed ? 0 : mainOf(page, box)] : null);
    page.tell("pointed", box ? { box, x: event.clientX, y: event.clientY } : null);
  });
  area.addEventListener("pointerleave", () => { page.hover(null); page.tell("pointed", null); });
  document.addEventListener("keydown", (event) => pressed(page, diagram, event));
}

// Of the layers in a box the one that stands for it: the first that learns.
function mainOf(page, box) {
  return Math.max(0, box.n.findIndex((id) => page.sheet.byId.get(id).params > 0));
}

function boxAt(page, event) {
  const element = event.target.closest && event.target.closest(".box");
  if (!element || event.target.closest(".sign")) return null;
  return page.sheet.boxByKey.get(element.dataset.key) || null;
}

function pinch(diagram, still, before, now) {
  const { left, top } = diagram.svg.getBoundingClientRect();
  const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  diagram.zoom(far(still, now) / far(still, before), (still[0] + now[0]) / 2 - left, (still[1] + now[1]) / 2 - top);
}

const STEP = 80;

const KEYS = [
  ["arrows, PageUp, PageDown", "move"], ["+ -", "zoom"], ["0", "fit the whole network"],
  ["n p", "select the next box, the one before"], ["Enter", "open what is selected"],
  ["c", "close the part that holds it"], ["Esc", "let go"], ["f o", "close or open every part"],
  ["u", "show every copy of repeats"], ["/", "search; Enter goes from one to the next"], ["?", "show these keys"],
];

function pressed(page, diagram, event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  if (target.closest("button, aside, .handle") && /^(Enter| |Arrow.*|Page.*)$/.test(key)) return; // their own keys
  const move = (x, y) => () => diagram.look({ ...diagram.view, x: diagram.view.x + x, y: diagram.view.y + y });
  const zoom = (by) => () => diagram.zoom(by, ...diagram.middle());
  const does = {
    "+": zoom(1.25), "=": zoom(1.25), "-": zoom(0.8), 0: () => diagram.fit(),
    ArrowLeft: move(STEP, 0), ArrowRight: move(-STEP, 0), ArrowUp: move(0, STEP), ArrowDown: move(0, -STEP),
    PageUp: move(0, 8 * STEP), PageDown: move(0, -8 * STEP),
    n: () => step(page, 1), p: () => step(page, -1), Enter: () => enter(page), c: () => page.closeAround(),
    Escape: () => page.select([], "keys"), f: () => page.foldAll(true), o: () => page.foldAll(false),
    u: () => page.unfoldAll(), "/": () => page.tell("searching"), "?": () => page.tell("asking"),
  }[key];
  if (!does) return;
  event.preventDefault();
  does();
}

// Selects the next box, or the one before.
function step(page, by) {
  const boxes = boxesOf(page.sheet.seen.body), [id] = page.selected;
  const at = id === undefined ? -by : boxes.indexOf(page.sheet.boxShowing(id));
  const box = boxes[(at + by + boxes.length) % boxes.length];
  if (box) page.select(page.sheet.members(box), "keys");
}

// Opens what is selected, if it is closed or folded.
function enter(page) {
  const [id] = page.selected, box = id !== undefined && page.sheet.boxShowing(id);
  if (box && box.closed) page.toggle("closed", box.closed.F);
  else if (box && box.repeat) page.toggle("unfolded", box.repeat);
}
