/**
 * The state that an attempt leaves for the next one: the handler's value, and how many children the task had added when it was
 * saved. The count belongs to it because a handler goes on from its checkpoint: its next child is the next one after those,
 * while what it repeats after the checkpoint must find the children there. A checkpoint without children is the bare value.
 */
const CHILDREN = "$children";

export class Checkpoint {
  /** JSON text of the handler's value, if it saved one. */
  value: string | undefined;
  /** Children added so far without a key of their own. */
  children: number;
  /** What is durable. */
  saved: string | undefined;

  private constructor(value: string | undefined, children: number, saved: string | undefined) {
    this.value = value;
    this.children = children;
    this.saved = saved;
  }

  static restore(text: string | undefined): Checkpoint {
    if (text === undefined || !text.startsWith(`{"${CHILDREN}":`)) return new Checkpoint(text, 0, text);
    const { [CHILDREN]: children, ...rest } = JSON.parse(text) as { readonly [CHILDREN]: number; readonly value?: unknown };
    return new Checkpoint("value" in rest ? JSON.stringify(rest.value) : undefined, children, text);
  }

  toText(): string | undefined {
    if (this.children === 0) return this.value;
    return this.value === undefined ? `{"${CHILDREN}":${this.children}}` : `{"${CHILDREN}":${this.children},"value":${this.value}}`;
  }
}
