/**
 * The page's script, part three: pointer, wheel, keyboard, buttons, legend and tooltip. Whatever the mouse can reach, the
 * keyboard can: arrows walk from attempt to attempt and the tooltip, a live region, reads them out.
 */
export const inputScript = String.raw`
function showTip(lines, x, y) {
  tip.replaceChildren(...lines.map((line, i) => { const element = document.createElement(i ? "div" : "b"); element.textContent = line; return element; }));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = (y + 18 + box.height > innerHeight ? Math.max(4, y - box.height - 12) : y + 18) + "px";
}
function hideTip() { tip.hidden = true; }

function laneAt(y) {
  const at = y + gantt.scrollTop;
  for (let lane = 0; lane < laneTops.length; lane++) if (at >= laneTops[lane] && at < laneTops[lane] + laneHeight) return lane;
  return -1;
}

const place = (event, element) => { const box = element.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
const clampMs = (ms) => Math.max(view.from, Math.min(view.to, ms));

function hoverAt(event, isGantt, element) {
  const { x, y } = place(event, element), ms = msOf(x);
  view.cross = x >= gutter ? ms : null;
  view.hover = -1;
  if (x < gutter) { hideTip(); redraw(); return; }
  if (isGantt) {
    const lane = y > AXIS ? laneAt(y) : -1;
    if (lane >= 0) view.hover = barAt(lane, ms, 4 * (view.to - view.from) / width);
    if (view.hover >= 0) showTip(describe(view.hover), event.clientX, event.clientY); else hideTip();
  } else {
    const next = msOf(x + 1), busy = series.kinds.map((kind) => [kind.kind, meanOf(kind.busy, ms, next), kind.slots]);
    const lines = ["at " + duration(ms)].concat(busy.map(([kind, used, slots]) => kind + ": " + digits(used) + " of " + slots + (slots === 1 ? " slot" : " slots")));
    if (series.waiting) lines.push("waiting: " + digits(meanOf(series.waiting, ms, next)));
    showTip(lines, event.clientX, event.clientY);
  }
  redraw();
}

for (const id of ["gantt", "busy", "waiting"]) {
  const element = document.getElementById(id);
  if (!element) continue;
  element.addEventListener("pointerdown", (event) => {
    const { x } = place(event, element);
    if (event.button !== 0 || x < gutter || x > width - RIGHT) return;
    view.drag = { from: msOf(x), to: msOf(x), x };
    hideTip();
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (view.drag) { view.drag.to = clampMs(msOf(place(event, element).x)); view.cross = null; redraw(); return; }
    hoverAt(event, id === "gantt", element);
  });
  element.addEventListener("pointerup", (event) => {
    const drag = view.drag;
    view.drag = null;
    if (!drag) return;
    if (Math.abs(place(event, element).x - drag.x) > 6) setView(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
    else { hoverAt(event, id === "gantt", element); view.selected = id === "gantt" ? view.hover : view.selected; redraw(); }
  });
  element.addEventListener("pointercancel", () => { view.drag = null; redraw(); });
  element.addEventListener("pointerleave", () => { view.hover = -1; view.cross = null; hideTip(); redraw(); });
  element.addEventListener("dblclick", () => setView(0, endMs));
  element.addEventListener("wheel", (event) => {
    const delta = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoomAt(msOf(Math.max(gutter, place(event, element).x)), Math.exp(Math.max(-0.5, Math.min(0.5, delta / 250))));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const by = delta / width * (view.to - view.from);
      setView(view.from + by, view.to + by);
    }
  }, { passive: false });
}
gantt.addEventListener("scroll", redraw);

/** Selects a bar, brings it into view, and reads it out. */
function select(i) {
  view.selected = i;
  const from = bars.at[i], to = from + bars.length[i], length = view.to - view.from;
  if (to < view.from || from > view.to) setView(from - length / 3, from + length * 2 / 3);
  const top = laneTops[bars.lane[i]];
  if (top < gantt.scrollTop + AXIS) gantt.scrollTop = top - AXIS - 4;
  if (top + laneHeight > gantt.scrollTop + gantt.clientHeight) gantt.scrollTop = top + laneHeight - gantt.clientHeight + 4;
  const box = gantt.getBoundingClientRect();
  showTip(describe(i), box.left + Math.max(gutter, Math.min(width - 40, xOf(from))), box.top + top - gantt.scrollTop + laneHeight);
  redraw();
}

function step(key) {
  if (count === 0) return;
  if (view.selected < 0) { select(Math.min(count - 1, firstAfter(bars.lane[0], view.from))); return; }
  const i = view.selected, lane = bars.lane[i];
  if (key === "ArrowRight" && i + 1 < laneStart[lane + 1]) select(i + 1);
  if (key === "ArrowLeft" && i > laneStart[lane]) select(i - 1);
  const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  for (let next = lane + by; by !== 0 && next >= 0 && next < data.lanes.length; next += by) {
    const found = barAt(next, bars.at[i] + bars.length[i] / 2, Infinity);
    if (found >= 0) { select(found); break; }
  }
}

gantt.addEventListener("keydown", (event) => {
  const middle = view.selected >= 0 ? clampMs(bars.at[view.selected] + bars.length[view.selected] / 2) : (view.from + view.to) / 2;
  const by = (view.to - view.from) / 4 * (event.key === "ArrowLeft" ? -1 : 1);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) setView(view.from + by, view.to + by);
  else if (event.key.startsWith("Arrow")) step(event.key);
  else if (event.key === "+" || event.key === "=") zoomAt(middle, 0.6);
  else if (event.key === "-") zoomAt(middle, 1 / 0.6);
  else if (event.key === "0" || event.key === "Home") setView(0, endMs);
  else if (event.key === "Enter" && view.selected >= 0) setView(bars.at[view.selected] - bars.length[view.selected], bars.at[view.selected] + 2 * bars.length[view.selected]);
  else if (event.key === "Escape") { view.selected = -1; hideTip(); redraw(); }
  else return;
  event.preventDefault();
});
gantt.addEventListener("blur", hideTip);

function legend() {
  const box = document.getElementById("legend"), groups = new Map();
  for (let i = 0; i < count; i++) { const group = groupOf(i); groups.set(group, (groups.get(group) || 0) + bars.count[i]); }
  box.replaceChildren(...[...groups].sort(([a], [b]) => a - b).map(([group, many]) => {
    const button = document.createElement("button"), swatch = document.createElement("canvas"), context = swatch.getContext("2d");
    const isType = group < data.types.length;
    swatch.width = swatch.height = 11;
    context.fillStyle = isType ? colours.type[group] : colours.outcome[group - data.types.length];
    context.fillRect(0, 0, 11, 11);
    button.type = "button";
    button.setAttribute("aria-pressed", String(view.focus === group));
    button.title = "Show only these";
    button.append(swatch, (isType ? data.types[group] : data.outcomes[group - data.types.length]) + " " + many.toString().replace(/\B(?=(\d{3})+$)/g, ","));
    button.addEventListener("click", () => { view.focus = view.focus === group ? -1 : group; legend(); redraw(); box.querySelectorAll("button")[[...groups.keys()].sort((a, b) => a - b).indexOf(group)].focus(); });
    return button;
  }));
}

for (const input of document.querySelectorAll("input[name=colour]")) {
  input.addEventListener("change", () => { view.colour = input.value; view.focus = -1; legend(); redraw(); });
}
const pathBox = document.getElementById("show-path");
pathBox.addEventListener("change", () => { view.path = pathBox.checked; redraw(); });
if (data.path.length === 0) pathBox.parentElement.hidden = true;
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    const kind = button.dataset.zoom, middle = (view.from + view.to) / 2;
    if (kind === "fit") setView(0, endMs); else zoomAt(middle, kind === "in" ? 0.5 : 2);
  });
}

// Names in the tables lead to the last attempt of their task, where it is drawn on its own.
const barOf = new Map();
for (let i = 0; i < count; i++) if (bars.count[i] === 1) { const known = barOf.get(bars.task[i]); if (known === undefined || bars.attempt[known] <= bars.attempt[i]) barOf.set(bars.task[i], i); }
for (const button of document.querySelectorAll("button.task")) {
  const i = barOf.get(button.dataset.task);
  if (i === undefined) { button.disabled = true; continue; }
  button.addEventListener("click", () => {
    const length = Math.min(endMs, Math.max(bars.length[i] * 12, endMs / 40));
    document.getElementById("timeline").scrollIntoView({ block: "start", behavior: "instant" });
    gantt.focus({ preventScroll: true });
    if (length < view.to - view.from) setView(bars.at[i] - length / 3, bars.at[i] + length * 2 / 3);
    select(i);
  });
}

document.querySelector(".tools").hidden = false;
new ResizeObserver(() => { width = 0; redraw(); }).observe(gantt);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); legend(); redraw(); });
readColours();
legend();
draw();
`;
