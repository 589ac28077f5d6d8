/**
 * Last in, first out, for lists that are filled and emptied in every turn: a plain array gives its memory back when it is emptied
 * and takes new memory for the next item.
 */
export class Stack<T> {
  readonly #items: (T | undefined)[] = [];
  #size = 0;

  push(item: T): void {
    this.#items[this.#size++] = item;
  }

  /** Undefined when it is empty. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[--this.#size];
    this.#items[this.#size] = undefined;
    return item;
  }
}
