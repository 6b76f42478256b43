// Elements made one by one, so that no text of a network is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";
const GROUPED = new Intl.NumberFormat("en");

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  const there = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  if (there.length) element.append(...there);
  return element;
}

function html(tag, attributes, ...children) { return fill(document.createElement(tag), attributes, children); }

function svg(tag, attributes, ...children) { return fill(document.createElementNS(SVG, tag), attributes, children); }

// Writes a text where another stands: an element whose text is the same need not be laid out again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The same for what holds other elements: they are exchanged where they look otherwise.
function rewrite(element, children) {
  const made = html(element.tagName, {}, ...children);
  if (made.innerHTML !== element.innerHTML) element.replaceChildren(...made.childNodes);
}

function button(text, title, onclick, more) {
  return html("button", { type: "button", title, onclick, ...more }, text);
}

// A count in three or four figures with its unit: 25.56 M, 4.089 G; a symbolic one as it is.
// A count that leaves out layers which do not say theirs: `?`, or `448 + ?`.
const UNSAID = /(?:^| \+ )\?$/;

function counted(count) {
  const known = String(count).replace(UNSAID, "");
  return Number.isNaN(Number(known)) ? known : Number(known);
}

function amount(number) {
  if (UNSAID.test(number)) return number === "?" ? number : `${amount(counted(number))} + ?`;
  if (typeof number !== "number") return String(number);
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6]]) {
    if (number >= size) return `${figures(number / size)} ${unit}`;
  }
  return number >= 1e4 ? `${figures(number / 1e3)} k` : GROUPED.format(number);
}

function figures(number) { return String(Number(number.toPrecision(4))); }

function bytes(number) {
  if (typeof number !== "number") return String(number);
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (number >= size) return `${figures(number / size)} ${unit}`;
  }
  return `${number} B`;
}

// A time in three figures: 1.53 ms.
function duration(seconds) {
  const [unit, size] = [["s", 1], ["ms", 1e-3], ["µs", 1e-6]].find((one) => seconds >= one[1]) || ["µs", 1e-6];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}

// Sums what may be symbolic: of a text and a number, the text that says both.
function plus(one, other) {
  if (typeof one === "number" && typeof other === "number") return one + other;
  if (UNSAID.test(one) || UNSAID.test(other)) {
    const known = plus(counted(one), counted(other));
    return known === 0 ? "?" : `${known} + ?`;
  }
  if (one === 0) return other;
  return other === 0 ? one : `${one} + ${other}`;
}

function pair(values) {
  if (!values) return "";
  return values[0] === values[1] ? String(values[0]) : values.join("x");
}

// Does something when the next frame has been painted.
function afterPaint(task) { requestAnimationFrame(() => setTimeout(task)); }
