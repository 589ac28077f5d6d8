/**
 * A map from ascending integer ids to objects: pages of 512 slots, made when an id falls into them and dropped when empty.
 * Eight bytes a dense entry, where a Map takes about forty at a million. A Map through which tasks pass also costs the
 * garbage collector: it grows into new tables, and an old one that has been promoted keeps alive what was in it.
 */
const PAGE_BITS = 9;
const PAGE_SIZE = 1 << PAGE_BITS;

/** An array that counts what is in it: with a million tasks each object on the way to a slot is one more wait for memory. */
class Page<T> extends Array<T | undefined> {
  used = 0;
}

function newPage<T>(): Page<T> {
  const page = new Page<T>(PAGE_SIZE);
  page.fill(undefined);
  return page;
}

export class PagedTable<T> {
  // Ids ascend, so pages are made in ascending order and the first one in the map holds the smallest ids; a page remade
  // after it was dropped (a redrive of an old task) goes to the end, which `first` allows for.
  readonly #pages = new Map<number, Page<T>>();
  #size = 0;
  /** The page asked for last: neighbours are asked for together. */
  #lastNumber = -1;
  #lastPage: Page<T> | undefined;
  /** A page that has emptied stays until another one empties or is made: a table that mostly holds one task would make one for each. */
  #emptyNumber = -1;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    const number = pageOf(id);
    return this.#page(number)?.[id - number * PAGE_SIZE];
  }

  set(id: number, value: T): void {
    const number = pageOf(id);
    const place = id - number * PAGE_SIZE;
    let page = this.#page(number);
    if (page === undefined) {
      page = this.#takeEmpty() ?? newPage<T>();
      this.#pages.set(number, page);
      this.#lastPage = page;
    }
    if (page[place] === undefined) {
      page.used += 1;
      this.#size += 1;
    }
    page[place] = value;
  }

  /** False when it was not there. */
  delete(id: number): boolean {
    const number = pageOf(id);
    const place = id - number * PAGE_SIZE;
    const page = this.#page(number);
    if (page === undefined || page[place] === undefined) return false;
    page[place] = undefined;
    page.used -= 1;
    this.#size -= 1;
    if (page.used > 0) return true;
    if (this.#emptyNumber !== number) this.#takeEmpty();
    this.#emptyNumber = number;
    return true;
  }

  /** Takes the page that has emptied out of the table, unless it is in use again. */
  #takeEmpty(): Page<T> | undefined {
    const number = this.#emptyNumber;
    this.#emptyNumber = -1;
    const page = this.#pages.get(number);
    if (page === undefined || page.used > 0) return undefined;
    this.#pages.delete(number);
    if (this.#lastNumber === number) this.#lastPage = undefined;
    return page;
  }

  /** A lower bound of the ids present (exact to a page), or `otherwise` when there are none. Cost: one step a page. */
  lowerBound(otherwise: number): number {
    let lowest = Infinity;
    for (const [number, page] of this.#pages) if (number < lowest && page.used > 0) lowest = number;
    return lowest === Infinity ? otherwise : lowest * PAGE_SIZE;
  }

  #page(number: number): Page<T> | undefined {
    if (number === this.#lastNumber && this.#lastPage !== undefined) return this.#lastPage;
    this.#lastNumber = number;
    return (this.#lastPage = this.#pages.get(number));
  }

  /** By page in order of making, by id within a page. */
  *values(): IterableIterator<T> {
    for (const page of this.#pages.values()) {
      for (const value of page) if (value !== undefined) yield value;
    }
  }
}

/** An id's place in its page is what is left: V8 works out `%` of doubles, as ids may be, on the old stack of the processor. */
function pageOf(id: number): number {
  return Math.floor(id / PAGE_SIZE);
}
