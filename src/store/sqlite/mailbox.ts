/**
 * Shared memory through which an idle engine and the sleeping thread of its file speak. A message wakes a thread through its event
 * loop: the loop, the port and the copy of the message take longer than all that the engine does for one task. So the thread sleeps
 * on a number, and a small commit, when no call is under way, lies in one place beside that number until it is written.
 *
 * Everything else is a message as ever: other calls, larger commits, and answers that say more than "done". Calls are counted alike,
 * whichever way they go, and answered in their order.
 */
import type { PackedCommit } from "./messages.ts";

/** Places of the head: calls posted, commits done through the mailbox, and the size of the one in it (no numbers: it is empty). */
const POSTED = 0;
const DONE = 1;
const NUMBERS = 2;
const CHARACTERS = 3;
const HEAD_BYTES = 4 * Int32Array.BYTES_PER_ELEMENT;

/** The largest commit that it takes, which is that of a few tasks: what is copied a character at a time must be short. */
const NUMBERS_MAX = 256;
const CHARACTERS_MAX = 2_048;
const TEXT_AT = HEAD_BYTES + NUMBERS_MAX * Float64Array.BYTES_PER_ELEMENT;
const BYTES = TEXT_AT + CHARACTERS_MAX * Uint16Array.BYTES_PER_ELEMENT;

class Mailbox {
  readonly memory: SharedArrayBuffer;
  protected readonly head: Int32Array<SharedArrayBuffer>;
  protected readonly numbers: Float64Array<SharedArrayBuffer>;
  protected readonly text: Uint16Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.head = new Int32Array(memory, 0, HEAD_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.numbers = new Float64Array(memory, HEAD_BYTES, NUMBERS_MAX);
    this.text = new Uint16Array(memory, TEXT_AT, CHARACTERS_MAX);
  }
}

/** The engine's end. */
export class MailSender extends Mailbox {
  /** A commit is out: it was put in and nobody has said yet what became of it. So many were done before. */
  #outAfter: number | undefined;
  #isListening = false;

  constructor() {
    super(new SharedArrayBuffer(BYTES));
  }

  /** Puts a commit in, unless it is too large; then `ring`. Only while no call is under way: there is one place. */
  put([numbers, text, longTexts, few]: PackedCommit): boolean {
    if (numbers.length > NUMBERS_MAX || text.length > CHARACTERS_MAX || longTexts.length > 0 || few !== undefined) return false;
    this.numbers.set(numbers);
    for (let index = 0; index < text.length; index++) this.text[index] = text.charCodeAt(index);
    this.head[NUMBERS] = numbers.length;
    this.head[CHARACTERS] = text.length;
    this.#outAfter = this.#done;
    return true;
  }

  /** A call was put in or sent as a message: the thread wakes. What was written before is there for it to read. */
  ring(): void {
    Atomics.add(this.head, POSTED, 1);
    Atomics.notify(this.head, POSTED);
  }

  /** Whether the commit that is out is done; true once for each. */
  takeDone(): boolean {
    if (this.#outAfter === undefined || this.#done === this.#outAfter) return false;
    this.#outAfter = undefined;
    return true;
  }

  /** What is out has been answered by a message, or nobody will answer it any more. */
  giveUp(): void {
    this.#outAfter = undefined;
  }

  /** Calls `take` as soon as what is out is done, if `takeDone` was not asked for it before. Whoever listens already goes on listening. */
  listen(take: () => void): void {
    if (this.#isListening || this.#outAfter === undefined) return;
    this.#isListening = true;
    void this.#hear(this.#outAfter, take);
  }

  async #hear(outAfter: number, take: () => void): Promise<void> {
    await Atomics.waitAsync(this.head, DONE, outAfter).value;
    this.#isListening = false;
    if (this.takeDone()) take();
    // It heard of one that was taken before; the next may be out.
    else this.listen(take);
  }

  get #done(): number {
    return Atomics.load(this.head, DONE);
  }
}

/** The end of the file's thread. */
export class MailReceiver extends Mailbox {
  /** Sleeps while no more calls were posted than so many. */
  sleep(taken: number): void {
    Atomics.wait(this.head, POSTED, taken);
  }

  /** Takes the commit out; undefined when it is empty. */
  take(): PackedCommit | undefined {
    const count = this.head[NUMBERS]!;
    if (count === 0) return undefined;
    this.head[NUMBERS] = 0;
    const characters = this.text.subarray(0, this.head[CHARACTERS]);
    return [this.numbers.slice(0, count), String.fromCharCode(...characters), [], undefined];
  }

  /** The commit that was taken out is durable. */
  answerDone(): void {
    Atomics.add(this.head, DONE, 1);
    Atomics.notify(this.head, DONE);
  }
}
