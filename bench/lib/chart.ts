/**
 * Charts of the benches as SVG: rows of bars or of points with intervals, in one or more columns side by side that share the labels of the
 * rows. A picture stands alone: no script, no font to load, light and dark by what the reader prefers, and a description for
 * those who do not see it.
 */
import { axisOf, type Axis } from "./chart-axis.ts";

export interface Chart {
  readonly title: string;
  /** What the picture shows, in a sentence or two, for screen readers. */
  readonly description: string;
  readonly series: readonly Series[];
  readonly rows: readonly string[];
  readonly columns: readonly Column[];
  /** Lines of text below. */
  readonly notes?: readonly string[];
}

export interface Series {
  readonly name: string;
  readonly color: "blue" | "orange" | "green" | "grey";
}

export interface Column {
  readonly title: string;
  /** Default `linear`. */
  readonly scale?: "linear" | "log";
  /** Left end of the axis; default 0. A logarithmic axis needs one over 0. */
  readonly from?: number;
  /** Right end; default: the largest value shown. */
  readonly to?: number;
  readonly format: (value: number) => string;
  /** By row, in the order of `rows`. */
  readonly marks: readonly (readonly Mark[])[];
  readonly lines?: readonly Line[];
}

/** A value of a row: a bar, or a point where `isPoint`. */
export interface Mark {
  /** Index in `series`. */
  readonly series: number;
  readonly value: number;
  /** Default: the formatted value. */
  readonly label?: string;
  readonly isPoint?: boolean;
  /** Drawn as a whisker. */
  readonly interval?: readonly [low: number, high: number];
  /** What was asked for: a tick across the bar. */
  readonly target?: number;
}

/** A dashed vertical line through all rows. What it stands for belongs in a note. */
interface Line {
  readonly at: number;
  /** Index in `series`, whose colour it has. */
  readonly series: number;
}

const WIDTH = 860;
const MARGIN = 20;
const COLUMN_GAP = 28;
const BAR = 13;
const BAR_GAP = 2;
const ROW_GAP = 9;
/** Of the texts, 12 px high; for room, so rather too much. */
const CHARACTER = 6.6;

const COLORS: Readonly<Record<Series["color"], readonly [light: string, dark: string]>> = {
  blue: ["#2468c8", "#5b9bf0"],
  orange: ["#d9730d", "#e8914a"],
  green: ["#1f8a5b", "#43b883"],
  grey: ["#9aa1ab", "#78808c"],
};

interface Place {
  readonly column: Column;
  readonly left: number;
  readonly axis: Axis;
  readonly series: readonly Series[];
}

/** The text of an SVG file. */
export function chartOf(chart: Chart): string {
  const { title, description, series, rows, columns, notes = [] } = chart;
  const labelWidth = Math.max(...rows.map((row) => row.length)) * CHARACTER + 8;
  const columnWidth = (WIDTH - 2 * MARGIN - labelWidth - COLUMN_GAP * (columns.length - 1)) / columns.length;
  const places = columns.map((column, index): Place => {
    const left = MARGIN + labelWidth + index * (columnWidth + COLUMN_GAP);
    return { column, left, axis: axisFor(column, columnWidth), series };
  });
  const legend = legendOf(chart);
  const top = legend === "" ? 82 : 106;
  const heights = rows.map((_, row) => Math.max(1, ...columns.map(({ marks }) => marks[row]?.length ?? 0)) * (BAR + BAR_GAP) + ROW_GAP);
  const bottom = top + heights.reduce((sum, height) => sum + height, 0);
  const height = bottom + 34 + 18 * notes.length;
  const body = [
    text(MARGIN, 32, title, "title"),
    legend,
    ...places.flatMap(({ column, left }) => text(left, top - 12, column.title, "head")),
    ...places.map((place) => gridOf(place, top, bottom)),
    ...rows.map((row, index) => {
      const rowTop = top + heights.slice(0, index).reduce((sum, one) => sum + one, 0);
      const marks = places.flatMap((place) => (place.column.marks[index] ?? []).map((mark, at) => markOf(place, mark, rowTop + ROW_GAP / 2 + at * (BAR + BAR_GAP))));
      return [text(MARGIN, rowTop + heights[index]! / 2 + 4, row, "label"), ...marks].join("\n");
    }),
    ...notes.map((note, index) => text(MARGIN, bottom + 44 + 18 * index, note, "note")),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${styleOf()}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>`,
    ...body,
    "</svg>",
    "",
  ].filter((line, index, all) => line !== "" || index === all.length - 1).join("\n");
}

/** The values end where there is still room for the longest label. */
function axisFor(column: Column, columnWidth: number): Axis {
  const { marks, format, lines = [], scale = "linear", from = 0 } = column;
  const all = marks.flat();
  const room = Math.max(0, ...all.map((mark) => labelOf(mark, format).length)) * CHARACTER + 6;
  const largest = Math.max(...all.flatMap(({ value, interval, target }) => [value, ...(interval ?? []), target ?? -Infinity]), ...lines.map(({ at }) => at));
  return axisOf({ scale, from, to: column.to ?? largest, widthPx: columnWidth - room });
}

function gridOf({ column, left, axis, series }: Place, top: number, bottom: number): string {
  const ticks = axis.ticks.map((tick) => {
    const x = left + axis.xOf(tick);
    return `<path class="grid" d="M${px(x)} ${top}V${bottom}"/>\n${text(x, bottom + 16, column.format(tick), "tick")}`;
  });
  const lines = (column.lines ?? []).map(({ at, series: index }) => {
    const x = left + axis.xOf(at);
    return `<path class="line ${series[index]!.color}" d="M${px(x)} ${top - 4}V${bottom}"/>`;
  });
  return [...ticks, `<path class="base" d="M${px(left)} ${top}V${bottom}"/>`, ...lines].join("\n");
}

function markOf({ column, left, axis, series }: Place, mark: Mark, top: number): string {
  const { color } = series[mark.series]!;
  const x = left + axis.xOf(mark.value);
  const middle = top + BAR / 2;
  const { interval: [low, high] = [mark.value, mark.value], target } = mark;
  const shape = mark.isPoint === true
    ? `<circle class="fill ${color}" cx="${px(x)}" cy="${px(middle)}" r="4"/>`
    : `<rect class="fill ${color}" x="${px(left)}" y="${px(top)}" width="${px(Math.max(1, x - left))}" height="${BAR}" rx="1.5"/>`;
  const whisker = mark.interval === undefined ? "" : `<path class="whisker" d="M${px(left + axis.xOf(low))} ${px(middle)}H${px(left + axis.xOf(high))}"/>`;
  const tick = target === undefined ? "" : `<path class="target" d="M${px(left + axis.xOf(target))} ${px(top - 3)}v${BAR + 6}"/>`;
  const end = Math.max(x + (mark.isPoint === true ? 4 : 0), left + axis.xOf(high), target === undefined ? 0 : left + axis.xOf(target));
  const label = labelOf(mark, column.format);
  const labelLeft = clearOfLines(end + 5, label, (column.lines ?? []).map(({ at }) => left + axis.xOf(at)));
  return [shape, whisker, tick, text(labelLeft, middle + 4, label, "value")].filter((one) => one !== "").join("\n");
}

/** Where a label begins, so that no line goes through it: there, or behind the line. */
function clearOfLines(x: number, label: string, lines: readonly number[]): number {
  const crossed = lines.filter((line) => line > x - 3 && line < x + label.length * CHARACTER);
  return Math.max(x, ...crossed.map((line) => line + 6));
}

/** None is needed where all marks are of one series and nothing was asked for. */
function legendOf({ series, columns }: Chart): string {
  const hasTargets = columns.some(({ marks }) => marks.flat().some(({ target }) => target !== undefined));
  if (series.length < 2 && !hasTargets) return "";
  let x = MARGIN;
  const entries = series.map(({ name, color }) => {
    const entry = `<rect class="fill ${color}" x="${px(x)}" y="49" width="11" height="11" rx="1.5"/>\n${text(x + 17, 59, name, "value")}`;
    x += 17 + name.length * CHARACTER + 20;
    return entry;
  });
  if (hasTargets) entries.push(`<path class="target" d="M${px(x + 4)} 47v15"/>\n${text(x + 12, 59, "asked for", "value")}`);
  return entries.join("\n");
}

function labelOf(mark: Mark, format: Column["format"]): string {
  return mark.label ?? format(mark.value);
}

function styleOf(): string {
  const colors = (dark: 0 | 1): string => Object.entries(COLORS).map(([name, pair]) => `.${name}{--mark:${pair[dark]}}`).join("");
  return [
    "svg{--paper:#ffffff;--ink:#1d2430;--soft:#5a6472;--faint:#e3e6ea;font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}",
    colors(0),
    `@media(prefers-color-scheme:dark){svg{--paper:#14181f;--ink:#e6e9ee;--soft:#a0a9b6;--faint:#2b323c}${colors(1)}}`,
    ".paper{fill:var(--paper)}text{fill:var(--ink)}.title{font-size:16px;font-weight:600}.head{font-weight:600}",
    ".tick,.note{fill:var(--soft);font-size:11px}.tick{text-anchor:middle}.value{font-variant-numeric:tabular-nums;stroke:var(--paper);stroke-width:3px;paint-order:stroke}",
    ".fill{fill:var(--mark)}.grid{stroke:var(--faint)}.base{stroke:var(--soft)}.line{stroke:var(--mark);stroke-dasharray:4 3;stroke-width:1.5;fill:none}",
    ".whisker{stroke:var(--ink);stroke-width:1.5}.target{stroke:var(--ink);stroke-width:2}",
  ].join("");
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text class="${style}" x="${px(x)}" y="${px(y)}">${escaped(content)}</text>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
