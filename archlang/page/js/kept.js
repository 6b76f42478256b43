// Elements that are drawn and kept: what looks as before stays, what stands elsewhere is moved, only the rest is made.
// A piece is {key, look, x, y, at}: its name, a text that tells all that is drawn of it, its place, what it stands for.

class Kept {
  // `draw` makes the element of an `at`, and `place` puts it where a piece has it and tells it what it stands for.
  constructor(parent, draw, place) {
    Object.assign(this, { parent, draw, place, pieces: [] });
  }

  // Shows these pieces, in their order.
  show(wanted) {
    this.match(wanted);
    let next = this.parent.firstChild;
    for (const piece of wanted) {
      if (piece.element === next) next = next.nextSibling;
      else this.parent.insertBefore(piece.element, next);
    }
    this.pieces = wanted;
  }

  // Gives each piece an element: that of one that looked alike at the same place, else that of any that looked alike,
  // else one of its own.
  match(wanted) {
    const still = gathered(this.pieces, standing), open = [];
    for (const piece of wanted) {
      const old = takeFrom(still, standing(piece));
      if (old) this.take(piece, old);
      else open.push(piece);
    }
    const spare = gathered([...still.values()].flat(), (piece) => piece.look);
    for (const piece of open) this.take(piece, takeFrom(spare, piece.look));
    for (const old of spare.values()) for (const { element } of old) element.remove();
  }

  take(piece, old) {
    piece.element = old ? old.element : this.draw(piece.at);
    this.place(piece.element, piece, old || {});
  }
}

function standing(piece) { return `${piece.x},${piece.y} ${piece.look}`; }

// Lists of things by what is said of them, in their order.
function gathered(things, say) {
  const lists = new Map();
  for (const thing of things) {
    const name = say(thing), list = lists.get(name);
    if (list) list.push(thing);
    else lists.set(name, [thing]);
  }
  return lists;
}

// The first of the things of this name, taken out of its list.
function takeFrom(lists, name) {
  const list = lists.get(name);
  if (!list) return undefined;
  const first = list.shift();
  if (!list.length) lists.delete(name);
  return first;
}

// Moves an element of the diagram to its piece's place.
function movePiece(element, piece, old) {
  if (piece.x !== old.x || piece.y !== old.y) element.setAttribute("transform", `translate(${piece.x} ${piece.y})`);
}
