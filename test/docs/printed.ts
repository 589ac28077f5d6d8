// Compares what a command printed with what the documentation says it prints. Durations, rates, shares, sizes and ages differ from run
// to run and count as equal, and so does the width of columns; a line of three dots stands for any lines. Progress lines, which on a
// terminal are drawn over, are passed over.

const PROGRESS = /^\d[\d,]* of \d[\d,]* done\b|^failed: /;

const MEASURES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:now|\d+ (?:ms|s|min) ago)\b/g, "AGO"],
  [/\d[\d,.]*\/s/g, "RATE"],
  [/\d[\d,.]* (?:ms|s|min(?: \d+ s)?)(?!\w)/g, "TIME"],
  [/\d[\d,.]* %/g, "SHARE"],
  [/\d[\d,.]* (?:B|KiB|MiB|GiB)(?!\w)/g, "SIZE"],
  [/ {2,}/g, " "],
];

function measured(line: string): string {
  return MEASURES.reduce((text, [pattern, word]) => text.replace(pattern, word), line).trimEnd();
}

/** The first expected line that is missing, or undefined when all is as expected. */
export function differenceOf(expected: readonly string[], printed: string): string | undefined {
  const lines = printed.replace(/\n$/, "").split("\n").filter((line) => !PROGRESS.test(line)).map(measured);
  const left = printed === "" || lines.every((line) => line === "") ? [] : lines;
  let isOpen = false;
  for (const line of expected) {
    if (line === "...") {
      isOpen = true;
      continue;
    }
    const at = isOpen ? left.indexOf(measured(line)) : left[0] === measured(line) ? 0 : -1;
    if (at < 0) return line;
    left.splice(0, at + 1);
    isOpen = false;
  }
  return isOpen || left.length === 0 ? undefined : `nothing more, but got: ${left[0]}`;
}
