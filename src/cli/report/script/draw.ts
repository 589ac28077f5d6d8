/**
 * The page's script, part two: drawing. Everything on a canvas, once a frame at most, and only the lanes and the stretch of
 * time that are seen; bars that fall into the same pixel as their neighbour are drawn once.
 */
export const drawScript = String.raw`
let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue("--" + name).trim();
  colours = { ink: of("ink"), muted: of("muted"), line: of("line"), track: of("track"), card: of("card"), path: of("path"), wait: of("wait"), bad: of("bad"),
    type: data.types.map((_, i) => of("type-" + Math.min(i, 7))), outcome: data.outcomes.map(of), kinds: series.kinds.map((_, i) => of("kind-" + i % 5)) };
}

/** Text that can be read on a colour. */
function inkOn(colour) {
  const part = (at) => parseInt(colour.slice(at, at + 2), 16);
  return 0.3 * part(1) + 0.59 * part(3) + 0.11 * part(5) > 140 ? "#10151b" : "#fff";
}

const font = "12px system-ui, -apple-system, Segoe UI, Roboto, Liberation Sans, Arial, sans-serif";
const AXIS = 26, GAP = 10, RIGHT = 8;
let gutter = 130, width = 0, laneHeight = 18, contentHeight = 0, laneTops = [], pending = false;
const isPlain = (i) => ["succeeded", "planned"].includes(data.outcomes[bars.outcome[i]]);
const colourOf = (i) => view.colour === "type" && isPlain(i) ? colours.type[bars.type[i]] : colours.outcome[bars.outcome[i]];
const groupOf = (i) => view.colour === "type" && isPlain(i) ? bars.type[i] : data.types.length + bars.outcome[i];
const xOf = (ms) => gutter + (ms - view.from) / (view.to - view.from) * (width - gutter - RIGHT);
const msOf = (x) => view.from + (x - gutter) / (width - gutter - RIGHT) * (view.to - view.from);

function layOut() {
  width = gantt.clientWidth;
  gutter = width < 560 ? 78 : 132;
  const agents = data.agents.length;
  laneHeight = Math.max(6, Math.min(24, Math.floor((520 - agents * GAP) / data.lanes.length)));
  laneTops = [];
  let y = AXIS + 4;
  data.lanes.forEach((agent, lane) => {
    if (lane > 0 && agent !== data.lanes[lane - 1]) y += GAP;
    // An agent of few thin lanes still needs the height of its name.
    laneTops.push(y);
    y += laneHeight;
    if (data.lanes[lane + 1] !== agent) y = Math.max(y, laneTops[data.lanes.indexOf(agent)] + 18);
  });
  contentHeight = y + 6;
  gantt.firstElementChild.style.height = contentHeight + "px";
}

function contextOf(canvas, height) {
  const ratio = window.devicePixelRatio || 1, w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; canvas.style.height = height + "px"; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = font;
  return context;
}

function fit(context, text, most) {
  if (context.measureText(text).width <= most) return text;
  let low = 0, high = text.length;
  while (low < high) { const middle = (low + high + 1) >> 1; if (context.measureText(text.slice(0, middle) + "…").width <= most) low = middle; else high = middle - 1; }
  return low === 0 ? "" : text.slice(0, low) + "…";
}

const ROUND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 2592e6];
function ticks() {
  const least = (view.to - view.from) / Math.max(2, (width - gutter) / 105);
  const step = least < 0.5 ? 0.5 : ROUND.find((each) => each >= least) || Math.ceil(least / 2592e6) * 2592e6;
  const found = [];
  for (let ms = Math.ceil(view.from / step) * step; ms <= view.to; ms += step) found.push(ms);
  return { found, step };
}
/** A time on the axis, as exact as the step between two marks. */
function markName(ms, step) {
  if (ms === 0) return "0";
  if (ms < 1000 || step >= 1000) return duration(ms);
  const places = step >= 100 ? 1 : step >= 10 ? 2 : step >= 1 ? 3 : 4;
  const min = Math.floor(ms / 60000), s = (ms - min * 60000) / 1000;
  return (min > 0 ? min + " min " : "") + s.toFixed(places) + " s";
}
function grid(context, top, height, named) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  const { found, step } = ticks();
  for (const ms of found) {
    const x = Math.round(xOf(ms)) + 0.5;
    context.fillStyle = colours.line;
    context.fillRect(x - 0.5, top, 1, height - top);
    if (!named) continue;
    context.fillStyle = colours.muted;
    const text = markName(ms, step), half = context.measureText(text).width / 2;
    context.fillText(text, Math.max(gutter + half - 4, Math.min(width - half - 1, x)), top - 12);
  }
}

function drawGantt() {
  const canvas = gantt.querySelector("canvas");
  const height = Math.min(contentHeight, 600), scroll = gantt.scrollTop;
  const context = contextOf(canvas, height);
  grid(context, AXIS, height, false);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  // From a task on the path along its lane to the start of the next, behind the bars; then straight to it, before them.
  if (view.path) links(context, scroll, (x0, y0, x1) => { context.moveTo(x0, y0); context.lineTo(x1, y0); });
  data.lanes.forEach((agent, lane) => {
    const y = laneTops[lane] - scroll;
    if (y > height || y + Math.max(laneHeight, 18) < AXIS) return;
    if (lane === 0 || agent !== data.lanes[lane - 1]) drawName(context, agent, y);
    drawLane(context, lane, y);
  });
  if (view.path) {
    links(context, scroll, (x0, y0, x1, y1) => { context.moveTo(x1, y0); context.lineTo(x1, y1); });
    for (const i of data.path) frame(context, i, scroll, colours.path);
  }
  for (const i of [view.hover, view.selected]) if (i >= 0) frame(context, i, scroll, colours.ink);
  context.restore();
  context.fillStyle = colours.card;
  context.fillRect(0, 0, width, AXIS);
  grid(context, AXIS, AXIS + 4, true);
  overlay(context, AXIS, height);
}

function drawName(context, agent, y) {
  const { name, kind, slots } = data.agents[agent];
  context.fillStyle = colours.line;
  context.fillRect(0, y - GAP / 2, width, 1);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = colours.ink;
  context.fillText(fit(context, name, gutter - 10), 0, y + 9);
  const lanes = data.lanes.lastIndexOf(agent) - data.lanes.indexOf(agent) + 1;
  context.fillStyle = colours.muted;
  if (lanes * laneHeight >= 36) context.fillText(fit(context, kind + " · " + slots + (slots === 1 ? " slot" : " slots"), gutter - 10), 0, y + 25);
}

function drawLane(context, lane, y) {
  const inset = laneHeight > 10 ? 2 : laneHeight > 6 ? 1 : 0.5, top = y + inset, tall = laneHeight - 2 * inset;
  let lastPixel = -1, lastColour = "";
  for (let i = firstAfter(lane, view.from), end = laneStart[lane + 1]; i < end && bars.at[i] < view.to; i++) {
    const x0 = Math.max(gutter, xOf(bars.at[i])), x1 = Math.min(width - RIGHT, xOf(bars.at[i] + bars.length[i]));
    const colour = colourOf(i), pixel = Math.floor(x1);
    if (x1 - x0 < 1 && pixel === lastPixel && colour === lastColour && !onPath.has(i)) continue;
    lastPixel = pixel;
    lastColour = colour;
    const dim = view.focus >= 0 && groupOf(i) !== view.focus;
    context.globalAlpha = dim ? 0.13 : 1;
    context.fillStyle = colour;
    // A hair of the card's colour keeps neighbours apart where there is room for it.
    const wide = Math.max(x1 - x0 > 4 ? x1 - x0 - 1 : x1 - x0, 1);
    context.fillRect(x0, top, wide, tall);
    const lead = (x1 - x0) * bars.lead[i] / Math.max(bars.length[i], 1e-9);
    if (lead > 2) { context.globalAlpha = 0.55; context.fillStyle = colours.card; context.fillRect(x0, top, Math.min(lead, wide), tall); context.globalAlpha = dim ? 0.13 : 1; }
    if (laneHeight >= 15 && wide > 34 && bars.count[i] === 1) {
      context.fillStyle = inkOn(colour);
      context.textAlign = "left";
      context.textBaseline = "middle";
      const label = data.labels[bars.label[i]], text = fit(context, label, wide - 8);
      // A stump of a name says nothing.
      if (text === label || text.length > 9) context.fillText(text, x0 + 4, top + tall / 2 + 0.5);
    }
    context.globalAlpha = 1;
  }
}

function frame(context, i, scroll, colour) {
  const x0 = Math.max(gutter, xOf(bars.at[i])), x1 = Math.min(width - RIGHT, xOf(bars.at[i] + bars.length[i]));
  if (x1 < gutter || x0 > width - RIGHT) return;
  const y = laneTops[bars.lane[i]] - scroll, wide = Math.max(3, x1 - x0);
  context.strokeStyle = colours.card;
  context.lineWidth = 4;
  context.strokeRect(x0, y + 1, wide, laneHeight - 2);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(x0, y + 1, wide, laneHeight - 2);
}

/** Draws a piece of every link between two tasks of the critical path. */
function links(context, scroll, piece) {
  context.save();
  context.beginPath();
  context.rect(gutter - 2, AXIS, width - gutter, 1e4);
  context.clip();
  context.beginPath();
  for (let k = 1; k < data.path.length; k++) {
    const a = data.path[k - 1], b = data.path[k], x0 = xOf(bars.at[a] + bars.length[a]), x1 = xOf(bars.at[b]);
    if (Math.max(x0, x1) < gutter || Math.min(x0, x1) > width) continue;
    // Far beyond the edges a canvas loses its precision.
    const edge = (x) => Math.max(-1000, Math.min(width + 1000, x));
    piece(edge(x0), laneTops[bars.lane[a]] + laneHeight / 2 - scroll, edge(x1), laneTops[bars.lane[b]] + laneHeight / 2 - scroll);
  }
  for (const [colour, wide] of [[colours.card, 4], [colours.path, 2]]) { context.strokeStyle = colour; context.lineWidth = wide; context.stroke(); }
  context.restore();
}

/** The stretch being dragged and the line under the pointer. */
function overlay(context, top, height) {
  if (view.drag) {
    const x0 = xOf(Math.min(view.drag.from, view.drag.to)), x1 = xOf(Math.max(view.drag.from, view.drag.to));
    context.globalAlpha = 0.16;
    context.fillStyle = colours.ink;
    context.fillRect(x0, top, x1 - x0, height - top);
    context.globalAlpha = 1;
  } else if (view.cross !== null && view.cross >= view.from && view.cross <= view.to) {
    context.fillStyle = colours.muted;
    context.globalAlpha = 0.5;
    context.fillRect(Math.round(xOf(view.cross)), top, 1, height - top);
    context.globalAlpha = 1;
  }
}

/** Areas stacked on each other over the stretch of time that is seen. */
function drawAreas(id, height, layers, most, capacity) {
  const box = document.getElementById(id);
  if (!box) return;
  const context = contextOf(box.querySelector("canvas"), height);
  const top = 10, bottom = height - 6, y = (value) => bottom - value / Math.max(most, 1e-9) * (bottom - top);
  grid(context, top, bottom, false);
  const columns = Math.max(1, Math.floor(width - gutter - RIGHT)), base = new Float64Array(columns);
  for (const { values, colour } of layers) {
    context.beginPath();
    const lower = base.slice();
    for (let c = 0; c < columns; c++) {
      base[c] += meanOf(values, msOf(gutter + c), msOf(gutter + c + 1));
      if (c === 0) context.moveTo(gutter, y(base[0]));
      context.lineTo(gutter + c, y(base[c]));
      context.lineTo(gutter + c + 1, y(base[c]));
    }
    for (let c = columns - 1; c >= 0; c--) { context.lineTo(gutter + c + 1, y(lower[c])); context.lineTo(gutter + c, y(lower[c])); }
    context.closePath();
    context.fillStyle = colour;
    context.globalAlpha = 0.85;
    context.fill();
    context.globalAlpha = 1;
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = colours.muted;
  context.fillText(digits(most), gutter - 6, top + 2);
  context.fillText("0", gutter - 6, bottom - 3);
  context.fillRect(gutter, bottom, width - gutter - RIGHT, 1);
  if (capacity) {
    context.strokeStyle = colours.muted;
    context.setLineDash([5, 4]);
    context.lineWidth = 1.2;
    context.beginPath();
    context.moveTo(gutter, y(capacity));
    context.lineTo(width - RIGHT, y(capacity));
    context.stroke();
    context.setLineDash([]);
  }
  overlay(context, top, bottom);
}

function peakOf(values) { let most = 0; for (const value of values) if (value > most) most = value; return most; }
const capacity = series.kinds.reduce((sum, kind) => sum + kind.slots, 0);
const mostBusy = Math.max(capacity, peakOf(Array.from({ length: steps }, (_, i) => series.kinds.reduce((sum, kind) => sum + kind.busy[i], 0))));
const mostWaiting = series.waiting ? Math.max(1, Math.ceil(peakOf(series.waiting))) : 0;

function draw() {
  pending = false;
  if (width !== gantt.clientWidth) layOut();
  drawGantt();
  drawAreas("busy", 110, series.kinds.map((kind, k) => ({ values: kind.busy, colour: colours.kinds[k] })), mostBusy, capacity);
  if (series.waiting) drawAreas("waiting", 84, [{ values: series.waiting, colour: colours.wait }], mostWaiting, 0);
}
function redraw() { if (!pending) { pending = true; requestAnimationFrame(draw); } }
`;
