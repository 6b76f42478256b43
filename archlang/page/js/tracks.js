// Level pieces in a gap, as archlang/draw/tracks.py has them: a net is {key, start, ends, leaving}.

const TRACK_ASIDE = 5;

function low(net) { return net.ends.reduce((least, x) => Math.min(least, x), net.start); }
function high(net) { return largest(net.ends, net.start); }

// The route of each tensor that needs a level piece: its track, and a bend before it where two would go in a circle.
function assignTracks(nets) {
  const waiting = nets.filter((net) => low(net) !== high(net));
  waiting.sort((a, b) => (b.leaving - a.leaving) || (high(a) - low(a)) - (high(b) - low(b)));
  const taken = new Set(nets.flatMap((net) => [net.start, ...net.ends]));
  const placed = [], routes = new Map();
  while (waiting.length) {
    const starts = new Map(waiting.map((net) => [net.start, net]));
    const index = waiting.findIndex((net) => !blocked(net, starts));
    let net, track;
    if (index >= 0) {
      net = waiting.splice(index, 1)[0];
      const known = routes.get(net.key), bend = known ? known.bend : null;
      track = trackOf(net, placed, bend ? bend[1] + 1 : 0);
      routes.set(net.key, { track, bend });
    } else {
      const at = waiting.findIndex((one) => inCircle(one, starts)), whole = waiting[at], x = beside(whole, taken);
      taken.add(x);
      net = { key: whole.key, start: whole.start, ends: [x], leaving: whole.leaving };
      waiting[at] = { key: whole.key, start: x, ends: whole.ends, leaving: whole.leaving };
      track = trackOf(net, placed, 0);
      routes.set(net.key, { track, bend: [x, track] });
    }
    placed.push([net, track]);
  }
  return routes;
}

function mustLieAbove(upper, lower) { return upper.key !== lower.key && lower.ends.includes(upper.start); }

function uppers(net, starts) {
  return net.ends.filter((x) => starts.has(x) && mustLieAbove(starts.get(x), net)).map((x) => starts.get(x));
}

function blocked(net, starts) { return uppers(net, starts).length > 0; }

// Whether a net must lie above one that must lie above it.
function inCircle(net, starts) {
  const todo = [net], seen = new Set([net.key]);
  while (todo.length) {
    for (const upper of uppers(todo.pop(), starts)) {
      if (upper.key === net.key) return true;
      if (!seen.has(upper.key)) { seen.add(upper.key); todo.push(upper); }
    }
  }
  return false;
}

function trackOf(net, placed, least) {
  let track = least;
  for (const [other, level] of placed) if (mustLieAbove(other, net)) track = Math.max(track, level + 1);
  while (placed.some(([other, level]) => level === track && clash(net, other))) track += 1;
  return track;
}

function clash(one, other) {
  if (high(one) < low(other) || high(other) < low(one)) return false;
  return !(one.ends.length === 1 && other.ends.length === 1 && one.ends[0] === other.ends[0]);
}

function beside(net, taken) {
  let x = net.ends[0];
  const toward = net.start > x ? 1 : -1;
  while (taken.has(x)) x += toward * TRACK_ASIDE;
  return x;
}
