/** Writes the report: one HTML file that needs nothing else. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { TaskContext } from "makespan";
import type { FolderSum } from "./folders.ts";
import type { FileMeasure } from "./measure.ts";

interface AuthorSum {
  readonly author: string;
  readonly commits: number;
  readonly added: number;
  readonly deleted: number;
}

/** @returns the path of the page */
export async function render(input: { folder: string; out: string }, { needsByName, log }: TaskContext): Promise<string> {
  const folder = resolve(import.meta.dirname, input.folder);
  const out = resolve(import.meta.dirname, input.out);
  const result = <T>(name: string): T[] => (needsByName.get(name)?.result ?? []) as T[];
  const page = pageOf(basename(folder), result<FileMeasure>("measure"), result<FolderSum>("folder"), result<AuthorSum>("author"));
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, page);
  log(`wrote ${out}`);
  return out;
}

function pageOf(title: string, files: readonly FileMeasure[], folders: readonly FolderSum[], authors: readonly AuthorSum[]): string {
  const total = (part: (file: FileMeasure) => number): number => files.reduce((sum, file) => sum + part(file), 0);
  const cards: [string, number][] = [
    ["files", files.length],
    ["lines of code", total((file) => file.code)],
    ["lines of comment", total((file) => file.comment)],
    ["branches", total((file) => file.branches)],
    ["authors", authors.length],
  ];
  const largest = [...files].sort((a, b) => b.code - a.code).slice(0, 15);
  const languages = byLanguage(files);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}: source report</title><style>${STYLE}</style>
<h1>${escape(title)}</h1>
<p class="cards">${cards.map(([name, value]) => `<span><b>${value.toLocaleString("en")}</b> ${name}</span>`).join("")}</p>
<h2>Folders</h2>${table(["folder", "files", "code", "comment", "branches", "median lines", "largest file"], folders.map((folder) => [folder.folder, folder.files, folder.code, folder.comment, folder.branches, folder.medianLines, `${folder.largest} (${folder.largestLines})`]), 2)}
<h2>Languages</h2>${table(["extension", "files", "code"], languages, 2)}
<h2>Largest files</h2>${table(["file", "code", "comment", "branches", "longest line"], largest.map((file) => [file.path, file.code, file.comment, file.branches, file.longestLine]), 1)}
${authors.length === 0 ? "" : `<h2>Authors</h2>${table(["author", "commits", "added", "deleted"], [...authors].sort((a, b) => b.commits - a.commits).map((author) => [author.author, author.commits, author.added, author.deleted]), 1)}`}
</html>
`;
}

function byLanguage(files: readonly FileMeasure[]): (string | number)[][] {
  const sums = new Map<string, [number, number]>();
  for (const file of files) {
    const [count, code] = sums.get(file.language) ?? [0, 0];
    sums.set(file.language, [count + 1, code + file.code]);
  }
  return [...sums].map(([language, [count, code]]) => [language, count, code]).sort((a, b) => Number(b[2]) - Number(a[2])).slice(0, 12);
}

/** `bar` is the column whose numbers are drawn as bars too. */
function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[], bar: number): string {
  const most = Math.max(1, ...rows.map((row) => Number(row[bar])));
  const cell = (value: string | number, column: number): string => {
    const style = column === bar ? ` style="--share:${(Number(value) / most) * 100}%"` : "";
    return `<td class="${typeof value === "number" ? "number" : ""}${column === bar ? " bar" : ""}"${style}>${typeof value === "number" ? value.toLocaleString("en") : escape(value)}</td>`;
  };
  return `<table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")}</table>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1c2430,#e4e9f0);--soft:light-dark(#5d6b7d,#93a1b3);--line:light-dark(#dfe5ec,#2a3442);--bar:light-dark(#cfe3f7,#1e3a56)}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{margin:0}h2{margin:2rem 0 .5rem;font-size:1.1rem}
.cards{display:flex;flex-wrap:wrap;gap:.5rem 2rem;color:var(--soft)}.cards b{color:var(--ink);font-size:1.3rem}
table{border-collapse:collapse;width:100%}th{text-align:left;color:var(--soft);font-weight:500}th,td{padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line)}
.number{text-align:right;font-variant-numeric:tabular-nums;padding-right:1.2rem}.bar{background:linear-gradient(to right,var(--bar) var(--share),transparent 0)}`;
