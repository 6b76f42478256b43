// Questions to the reader, as dialogs that are answered with a button or let go with Escape.

// Resolves with the value of the button pressed, the last of which changes nothing; null where the question was let go.
function choose(title, body, choices) {
  return new Promise((resolve) => {
    const close = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    const dialog = html("dialog", { "aria-label": title, oncancel: () => close(null) }, html("h2", {}, title), body,
      html("p", { class: "choices" }, ...choices.map(([text, value]) => button(text, text, () => close(typeof value === "function" ? value() : value)))));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.tagName === "INPUT") dialog.querySelector(".choices button").click();
    });
    document.body.append(dialog);
    dialog.showModal();
    if (!dialog.querySelector("input")) dialog.querySelector(".choices button:last-child").focus();
  });
}

// A text to type; null where it was let go.
function askName(title, proposed) {
  const field = html("input", { type: "text", value: proposed, "aria-label": "name", size: 40 });
  return choose(title, html("p", {}, field), [["save", () => field.value.trim()], ["cancel", null]]);
}

// Lists to pick one name of; resolves with [list, name].
function pickName(title, lists) {
  return new Promise((resolve) => {
    const close = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    const sections = lists.map(([list, names]) => html("section", {}, html("h3", {}, list), ...(names.length ? names.map((name) => button(name, `open ${name}`, () => close([list, name]), { class: "name" })) : [html("p", { class: "said" }, "none")])));
    const filter = html("input", { type: "search", placeholder: "filter", "aria-label": "filter names", oninput: () => {
      for (const one of dialog.querySelectorAll("button.name")) one.hidden = !one.textContent.toLowerCase().includes(filter.value.toLowerCase());
    } });
    const dialog = html("dialog", { class: "picking", "aria-label": title, oncancel: () => close(null) }, html("h2", {}, title), filter,
      html("div", { class: "lists" }, ...sections), html("p", { class: "choices" }, button("cancel", "cancel", () => close(null))));
    dialog.addEventListener("keydown", (event) => {
      const first = [...dialog.querySelectorAll("button.name")].find((one) => !one.hidden);
      if (event.key === "Enter" && event.target === filter && first) first.click();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Two texts line by line: what only the first has, what only the second, what both.
function difference(one, other) {
  const [left, right] = [one.split("\n"), other.split("\n")], rows = [];
  let head = 0, tail = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  while (tail < left.length - head && tail < right.length - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const [a, b] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  for (const [sign, line] of a.length * b.length > 4e6 ? [...a.map((l) => ["-", l]), ...b.map((l) => ["+", l])] : aligned(a, b)) rows.push([sign, line]);
  return [...left.slice(Math.max(0, head - 3), head).map((line) => [" ", line]), ...rows, ...left.slice(left.length - tail, left.length - tail + 3).map((line) => [" ", line])];
}

// Along the longest common lines.
function aligned(a, b) {
  const best = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1) best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
  const rows = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { rows.push([" ", a[i]]); i += 1; j += 1; }
    else if (j >= b.length || (i < a.length && best[i + 1][j] >= best[i][j + 1])) { rows.push(["-", a[i]]); i += 1; }
    else { rows.push(["+", b[j]]); j += 1; }
  }
  return rows;
}

function drawDifference(one, other) {
  return html("pre", { class: "difference" }, ...difference(one, other).map(([sign, line]) => html("span", { class: { "-": "gone", "+": "come", " ": "" }[sign] }, `${sign} ${line}\n`)));
}
