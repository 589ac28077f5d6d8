/**
 * Tables for a terminal: columns as wide as what is in them; when the window is too narrow, the ones that may be cut get
 * shorter, the widest first, and if that is not enough the ones that can be spared go. In a pipe nothing is cut or left out, so
 * that `grep` and `awk` see everything.
 */
import type { Output } from "./output.ts";
import { fitTo, padTo, plain, widthOf, type Style } from "./view/columns.ts";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: "left" | "right";
  /** It may be cut to this many columns when space is short; without it the column is never cut. */
  readonly least?: number;
  /** It may be left out when space is short, the lowest number first. */
  readonly spared?: number;
  readonly style?: (row: Row) => Style | undefined;
}

export interface Table<Row> {
  /** Lines of more rows; the first call decides the widths and begins with the title line. */
  lines(rows: readonly Row[]): readonly string[];
}

export interface TableOptions {
  /** Columns with nothing in the first rows stay, for rows that come later. Default false. */
  readonly keepsEmpty?: boolean;
  /** Spaces before each line; default none. */
  readonly indent?: number;
}

const GAP = 2;

export function createTable<Row>(columns: readonly Column<Row>[], out: Output, { keepsEmpty = false, indent = 0 }: TableOptions = {}): Table<Row> {
  let layout: readonly Placed<Row>[] | undefined;
  const limit = out.terminalColumns;
  const lineOf = (placed: readonly Placed<Row>[], textOf: (at: Placed<Row>) => string, styleOf: (at: Placed<Row>) => Style | undefined): string => {
    const cells = placed.map((at, index) => {
      const isLast = index === placed.length - 1 && at.column.align !== "right";
      const text = limit === undefined ? textOf(at) : fitTo(textOf(at), at.width);
      const width = Math.max(at.width, widthOf(text));
      const padded = isLast ? text : padTo(text, width, at.column.align === "right" ? "left" : "right");
      const style = styleOf(at);
      return style === undefined ? padded : out.paint(style, padded);
    });
    return " ".repeat(indent) + cells.join(" ".repeat(GAP)).trimEnd();
  };
  return {
    lines(rows) {
      const lines: string[] = [];
      if (layout === undefined) {
        layout = place(rows, columns, keepsEmpty, limit === undefined ? undefined : limit - indent);
        lines.push(lineOf(layout, ({ column }) => column.title, () => "dim"));
      }
      const placed = layout;
      for (const row of rows) lines.push(lineOf(placed, ({ column }) => plain(column.value(row)), ({ column }) => column.style?.(row)));
      return lines;
    },
  };
}

interface Placed<Row> {
  readonly column: Column<Row>;
  width: number;
}

function place<Row>(rows: readonly Row[], columns: readonly Column<Row>[], keepsEmpty: boolean, limit: number | undefined): readonly Placed<Row>[] {
  const placed: Placed<Row>[] = [];
  for (const column of columns) {
    const widest = rows.reduce((width, row) => Math.max(width, widthOf(plain(column.value(row)))), 0);
    if (widest > 0 || keepsEmpty) placed.push({ column, width: Math.max(widest, widthOf(column.title)) });
  }
  if (limit === undefined) return placed;
  let kept: readonly Placed<Row>[] = placed;
  while (!shrink(kept, limit)) {
    const first = Math.min(...kept.map(({ column }) => column.spared ?? Infinity));
    if (first === Infinity) break;
    kept = kept.filter(({ column }) => column.spared !== first);
  }
  return kept;
}

/** Takes from the widest column that can give until the line fits; false when it does not, and then nothing is taken. */
function shrink<Row>(placed: readonly Placed<Row>[], limit: number): boolean {
  const leastOf = ({ column, width }: Placed<Row>): number => Math.min(width, column.least ?? width);
  if (placed.reduce((sum, at) => sum + leastOf(at) + GAP, -GAP) > limit) return false;
  let over = placed.reduce((sum, { width }) => sum + width + GAP, -GAP) - limit;
  for (; over > 0; over--) {
    const widest = placed
      .filter(({ column, width }) => column.least !== undefined && width > column.least)
      .reduce<Placed<Row> | undefined>((best, each) => (best === undefined || each.width > best.width ? each : best), undefined);
    if (widest === undefined) return false;
    widest.width -= 1;
  }
  return true;
}
