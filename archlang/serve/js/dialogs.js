// Questions to the reader, as dialogs that are answered with a button or let go with Escape.

// Resolves with the value of the button pressed, the last of which changes nothing; null where the question was let go.
function choose(title, body, choices) {
  return new Promise((resolve) => {
    const close = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    const answer = (value) => close(typeof value === "function" ? value() : value);
    const buttons = choices.map(([text, value]) => button(text, text, () => answer(value)));
    const dialog = html("dialog", { "aria-label": title, oncancel: () => close(null) },
      html("h2", {}, title), body, html("p", { class: "choices" }, ...buttons));
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
    const pick = (list, name) => button(name, `open ${name}`, () => close([list, name]), { class: "name" });
    const sections = lists.map(([list, names]) => {
      const buttons = names.map((name) => pick(list, name)), none = html("p", { class: "said" }, "none");
      return html("section", {}, html("h3", {}, list), ...(buttons.length ? buttons : [none]));
    });
    const narrow = () => {
      const wanted = filter.value.toLowerCase();
      for (const one of dialog.querySelectorAll("button.name")) {
        one.hidden = !one.textContent.toLowerCase().includes(wanted);
      }
    };
    const filter = html("input", {
      type: "search", placeholder: "filter", "aria-label": "filter names", oninput: narrow,
    });
    const dialog = html("dialog", { class: "picking", "aria-label": title, oncancel: () => close(null) },
      html("h2", {}, title), filter, html("div", { class: "lists" }, ...sections),
      html("p", { class: "choices" }, button("cancel", "cancel", () => close(null))));
    dialog.addEventListener("keydown", (event) => {
      const first = [...dialog.querySelectorAll("button.name")].find((one) => !one.hidden);
      if (event.key === "Enter" && event.target === filter && first) first.click();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const AROUND_DIFFERENCE = 3, MOST_ALIGNED = 4e6;

// Two texts line by line: what only the first has, what only the second, what both.
function difference(one, other) {
  const left = one.split("\n"), right = other.split("\n"), [head, tail] = commonEnds(left, right);
  const a = left.slice(head, left.length - tail), b = right.slice(head, right.length - tail);
  const apart = () => [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
  const both = (lines) => lines.map((line) => [" ", line]), end = left.length - tail;
  return [
    ...both(left.slice(Math.max(0, head - AROUND_DIFFERENCE), head)),
    ...(a.length * b.length > MOST_ALIGNED ? apart() : aligned(a, b)),
    ...both(left.slice(end, end + AROUND_DIFFERENCE)),
  ];
}

// Along the longest common lines.
function aligned(a, b) {
  const best = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
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
  const kinds = { "-": "gone", "+": "come", " ": "" };
  const lines = difference(one, other).map(([sign, line]) => html("span", { class: kinds[sign] }, `${sign} ${line}\n`));
  return html("pre", { class: "difference" }, ...lines);
}
