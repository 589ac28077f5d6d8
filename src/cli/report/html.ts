/**
 * HTML that is escaped unless it was built here: in html`…` every value becomes text, except other html`…` pieces. JSON for a
 * script block is escaped so that no value can close the block.
 */
import { createHash } from "node:crypto";

export interface Html {
  readonly html: string;
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: parts.reduce((text, part, i) => text + htmlOf(values[i - 1]) + part) };
}

/** Text that is HTML already and comes from this program, never from a user. */
export function trusted(text: string): Html {
  return { html: text };
}

export function htmlOf(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map(htmlOf).join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For text and for values of attributes. Control characters, which HTML forbids, become a visible mark. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "").replace(/[^\P{Cc}\t\n\r]/gu, "\ufffd");
}

/** JSON that may stand in a script element. */
export function embeddedJson(value: unknown): Html {
  return trusted(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

/** A style or script as a content security policy names it. */
export function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
