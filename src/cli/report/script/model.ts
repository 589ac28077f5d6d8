/**
 * The page's script, part one: the embedded columns, the view (which stretch of time is shown, what is selected) and words for
 * the tooltip. Plain JavaScript as text, since it runs in the browser of whoever opens the page.
 */
export const modelScript = String.raw`
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const gantt = document.getElementById("gantt");
const tip = document.getElementById("tip");
const bars = data.bars, count = bars.at.length, endMs = Math.max(data.endMs, 1);
const view = { from: 0, to: endMs, colour: "type", path: true, focus: -1, selected: -1, hover: -1, cross: null, drag: null };
const onPath = new Set(data.path);

// Bars come sorted by lane and time: where each lane begins.
const laneStart = new Int32Array(data.lanes.length + 1).fill(count);
for (let i = count - 1; i >= 0; i--) laneStart[bars.lane[i]] = i;
for (let lane = data.lanes.length - 1; lane >= 0; lane--) if (laneStart[lane] === count || bars.lane[laneStart[lane]] !== lane) laneStart[lane] = laneStart[lane + 1];

const digits = (value) => value >= 99.95 ? Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",")
  : value.toFixed(value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3).replace(/\.?0+$/, "");
function duration(ms) {
  if (ms <= 0) return "0 ms";
  if (ms < 999.5) return digits(ms) + " ms";
  if (ms < 59950) return digits(ms / 1000) + " s";
  const two = (large, unit, small, smallUnit) => large + " " + unit + (small ? " " + String(small).padStart(2, "0") + " " + smallUnit : "");
  const s = Math.round(ms / 1000);
  if (s < 3600) return two(Math.floor(s / 60), "min", s % 60, "s");
  const min = Math.round(ms / 60000);
  if (min < 1440) return two(Math.floor(min / 60), "h", min % 60, "min");
  const h = Math.round(ms / 3600000);
  return two(Math.floor(h / 24), "d", h % 24, "h");
}

/** First bar of a lane that ends after a time. */
function firstAfter(lane, ms) {
  let low = laneStart[lane], high = laneStart[lane + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars.at[middle] + bars.length[middle] <= ms) low = middle + 1; else high = middle;
  }
  return low;
}

/** The bar of a lane under a time, or the nearest within some slack. */
function barAt(lane, ms, slackMs) {
  const i = firstAfter(lane, ms);
  let best = -1, bestMs = slackMs;
  for (const at of [i - 1, i]) {
    if (at < laneStart[lane] || at >= laneStart[lane + 1]) continue;
    const away = Math.max(bars.at[at] - ms, ms - bars.at[at] - bars.length[at], 0);
    if (away <= bestMs) { best = at; bestMs = away; }
  }
  return best;
}

function describe(i) {
  const agent = data.agents[data.lanes[bars.lane[i]]];
  const outcome = data.outcomes[bars.outcome[i]];
  if (bars.count[i] > 1) {
    return [digits(bars.count[i]) + " attempts", "most of it " + data.types[bars.type[i]] + ", such as " + data.labels[bars.label[i]],
      duration(bars.length[i]) + " from " + duration(bars.at[i]), "on " + agent.name];
  }
  const lines = [data.labels[bars.label[i]], outcome + (bars.attempt[i] > 1 ? " · attempt " + bars.attempt[i] : "") + " · " + data.types[bars.type[i]],
    "ran " + duration(bars.length[i] - bars.lead[i]) + (bars.wait[i] >= 0 ? " after waiting " + duration(bars.wait[i]) : ""),
    "from " + duration(bars.at[i]) + " to " + duration(bars.at[i] + bars.length[i]) + " on " + agent.name];
  if (onPath.has(i)) lines.push("on the critical path");
  lines.push(bars.task[i]);
  return lines;
}

const series = data.series, steps = series.kinds.length ? series.kinds[0].busy.length : 0;
/** Mean of a series between two times. */
function meanOf(values, from, to) {
  const first = Math.max(0, Math.min(steps - 1, Math.floor(from / series.stepMs)));
  const last = Math.max(first, Math.min(steps - 1, Math.ceil(to / series.stepMs) - 1));
  let sum = 0;
  for (let i = first; i <= last; i++) sum += values[i];
  return sum / (last - first + 1);
}

function setView(from, to) {
  const least = Math.min(endMs, Math.max(endMs / 100000, 0.5));
  let length = Math.min(endMs, Math.max(least, to - from));
  const middle = (from + to) / 2;
  view.from = Math.max(0, Math.min(endMs - length, middle - length / 2));
  view.to = view.from + length;
  redraw();
}
function zoomAt(ms, factor) { setView(ms - (ms - view.from) * factor, ms + (view.to - ms) * factor); }
`;
