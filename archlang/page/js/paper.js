// The diagram on paper: in strips as high as a page, side by side where they are narrow, cut between boxes.

const PAPER = { width: 680, height: 880 }; // pixels that fit on A4 and on Letter with their margins

function layOutPaper(diagram) {
  putPaperAway(diagram);
  diagram.draw(true);
  const { width, height } = diagram.places, left = diagram.page.memory ? -TIMELINE : 0, wide = width - left + 8;
  const scale = Math.min(1, PAPER.width / wide);
  diagram.root.setAttribute("transform", "");
  diagram.svg.classList.remove("far");
  const cuts = cutsOf(diagram.places, PAPER.height / scale);
  const strips = cuts.map((top, i) => {
    const high = (i + 1 < cuts.length ? cuts[i + 1] : height + 14) - top;
    const size = { width: wide * scale, height: high * scale, viewBox: `${left - 4} ${top} ${wide} ${high}` };
    return svg("svg", { class: "diagram strip", ...size }, svg("use", { href: "#network" }));
  });
  document.querySelector("main").append(html("div", { class: "paper" }, ...strips));
}

function putPaperAway(diagram) {
  const paper = document.querySelector(".paper");
  if (!paper) return;
  paper.remove();
  diagram.place();
}

// Where each strip begins: as far down as a strip reaches, but through no box, label or title.
function cutsOf(places, most) {
  const solid = [
    ...places.boxes.map((at) => [at.y - 2, at.y + at.height + 2]), ...places.tags.map((at) => [at.y - 8, at.y + 8]),
    ...places.frames.map((at) => [at.y - 2, at.y + FRAME_HEAD + 2]),
  ].sort((a, b) => a[0] - b[0]);
  const gaps = [];
  let low = 0;
  for (const [from, to] of solid) {
    if (from > low) gaps.push((low + from) / 2);
    low = Math.max(low, to);
  }
  const cuts = [-8];
  while (places.height + 14 - cuts[cuts.length - 1] > most) {
    const top = cuts[cuts.length - 1], fits = gaps.findLast((gap) => gap <= top + most && gap > top + most / 3);
    cuts.push(fits === undefined ? top + most : fits);
  }
  return cuts;
}
