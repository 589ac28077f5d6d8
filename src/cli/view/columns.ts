/**
 * Text in terminal columns: how wide it is drawn, cut or padded or wrapped to fit, and cleaned of control characters, since a
 * task's name may hold anything and must not move the cursor. Colours are the caller's choice and are added last.
 */
import { stripVTControlCharacters } from "node:util";

/** One line without control sequences; line breaks and tabs become spaces. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\t\n\v\f\r]+/g, " ").replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "").trim();
}

const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** East Asian wide and full-width characters, and pictures. */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a plain text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** Cuts a plain text to at most `width` columns, the last of them an ellipsis if something is missing. */
export function fitTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fits and pads a plain text to exactly `width` columns. */
export function padTo(text: string, width: number, side: "left" | "right" = "right"): string {
  const fitted = fitTo(text, width);
  const space = " ".repeat(Math.max(0, width - widthOf(fitted)));
  return side === "right" ? fitted + space : space + fitted;
}

/** Breaks a plain text at spaces into lines of at most `width` columns; a longer word is cut. */
export function wrapTo(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = fitTo(word, width);
    }
  }
  return line === "" ? lines : [...lines, line];
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39],
};

/** Gives text its style, or leaves it as it is where colour is off. */
export type Painter = (style: Style, text: string) => string;

export function painter(colour: boolean): Painter {
  return colour ? (style, text) => (text === "" ? "" : `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`) : (_, text) => text;
}
