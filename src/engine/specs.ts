/**
 * Interned task settings. Tasks of one definition share one `Spec` object, and their rows one number; a definition is looked
 * up by identity first, by content when it is new.
 */
import type { Spec } from "../core/task.ts";
import type { SpecSettings } from "./types.ts";

export class SpecTable {
  readonly #byContent = new Map<string, Spec>();
  readonly #bySettings = new WeakMap<SpecSettings, Spec>();
  #unsaved: Spec[] = [];
  #lastId = 0;

  constructor(known: readonly Spec[]) {
    for (const spec of known) {
      const { id, ...settings } = spec;
      this.#byContent.set(contentOf(settings), spec);
      this.#lastId = Math.max(this.#lastId, id);
    }
  }

  intern(settings: SpecSettings): Spec {
    const known = this.#bySettings.get(settings);
    if (known !== undefined) return known;
    const content = contentOf(settings);
    let spec = this.#byContent.get(content);
    if (spec === undefined) {
      spec = { ...settings, id: ++this.#lastId };
      this.#byContent.set(content, spec);
      this.#unsaved.push(spec);
    }
    this.#bySettings.set(settings, spec);
    return spec;
  }

  /** Specs that the next commit must write. */
  takeUnsaved(): readonly Spec[] {
    if (this.#unsaved.length === 0) return this.#unsaved;
    const specs = this.#unsaved;
    this.#unsaved = [];
    return specs;
  }
}

function contentOf(settings: SpecSettings): string {
  const { retry } = settings;
  return JSON.stringify([
    settings.type,
    settings.queue,
    settings.priority,
    [retry.limit, retry.backoff, retry.delayMs, retry.maxDelayMs, retry.jitter, retry.lossLimit],
    settings.timeoutMs ?? null,
    settings.onDependencyFailure,
    settings.preemptible === true,
  ]);
}
