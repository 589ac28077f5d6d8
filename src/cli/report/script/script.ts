/** The whole script of the page: its parts in one function, so that nothing leaks and nothing runs where there is no timeline. */
import { drawScript } from "./draw.ts";
import { inputScript } from "./input.ts";
import { modelScript } from "./model.ts";

export const pageScript = `(() => { if (!document.getElementById("gantt")) return;${modelScript}${drawScript}${inputScript}})();`;
