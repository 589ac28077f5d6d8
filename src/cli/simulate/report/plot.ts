/** Curves as one SVG that needs no script: a frame with ticks, and a line for each policy in its colour, named in a legend. */
import { html, trusted, type Html } from "../../report/html.ts";

export interface Curve {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axis {
  /** Where values lie, from 0 to 1. */
  readonly place: (value: number) => number;
  readonly ticks: readonly (readonly [value: number, label: string])[];
  readonly title: string;
}

/** As many as the style has. */
export const COLOURS = 8;

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 66;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 42;

export function plot(label: string, curves: readonly Curve[], x: Axis, y: Axis): Html {
  const across = (value: number): string => (LEFT + x.place(value) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const up = (value: number): string => (HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  return html`<svg class="plot-svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}: ${curves.map(({ name }) => name).join(", ")}">
${y.ticks.map(([value, text]) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(value)}" y2="${up(value)}"/><text x="${LEFT - 8}" y="${up(value)}" dy="4" text-anchor="end">${text}</text>`)}
${x.ticks.map(([value, text]) => html`<line class="grid" x1="${across(value)}" x2="${across(value)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text x="${across(value)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${text}</text>`)}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${x.title}</text>
${curves.map(({ points }, index) => html`<path class="curve stroke-${index % COLOURS}" d="${trusted(`M${points.map(([px, py]) => `${across(px)} ${up(py)}`).join("L")}`)}"/>`)}
</svg>`;
}

/** From 0 to the first round number over `most`, with four or five ticks. */
export function linearAxis(most: number, title: string, format: (value: number) => string): Axis {
  const top = most > 0 ? most : 1;
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10(top / 4))).find((size) => top / size <= 5) ?? top;
  const count = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index): readonly [number, string] => [index * step, format(index * step)]);
  return { place: (value) => Math.min(1, value / (count * step)), ticks, title };
}

/** Whole decades around all values above 0; smaller ones lie at the bottom. */
export function logAxis(values: readonly number[], title: string, format: (value: number) => string): Axis {
  const positive = values.filter((value) => value > 0);
  const most = Math.ceil(Math.log10(positive.reduce((a, b) => Math.max(a, b), 1)) - 1e-9);
  const least = Math.max(most - 6, Math.min(most - 1, Math.floor(Math.log10(positive.reduce((a, b) => Math.min(a, b), 10 ** most)))));
  const ticks = Array.from({ length: most - least + 1 }, (_, index): readonly [number, string] => [10 ** (least + index), format(10 ** (least + index))]);
  return { place: (value) => (Math.log10(Math.max(value, 10 ** least)) - least) / (most - least), ticks, title };
}

/** Towards the right every step is ten times rarer: what users remember is the tail. */
export function rarityAxis(count: number, title: string): Axis {
  const rarest = Math.log10(Math.max(10, count));
  const place = (share: number): number => Math.min(1, -Math.log10(Math.max(1 - share, 10 ** -rarest)) / rarest);
  const shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter((share) => share === 0 || -Math.log10(1 - share) <= rarest + 1e-9);
  return { place, ticks: shares.map((share) => [share, share === 0 ? "min" : `p${Number((share * 100).toFixed(3))}`]), title };
}
