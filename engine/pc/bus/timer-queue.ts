// One-shot timers ordered by deadline: a binary heap; timers of one deadline fire in the order they were scheduled.

export interface Timer {
  readonly deadline: number;
  /** By how much it may be late when nothing else has to be done. */
  readonly tolerance: number;
  readonly callback: () => void;
}

interface Entry extends Timer {
  readonly sequence: number;
}

export class TimerQueue {
  #heap: Entry[] = [];
  #sequence = 0;

  /** Undefined when the queue is empty. */
  get first(): Timer | undefined {
    return this.#heap[0];
  }

  /** The time by which some timer must fire, tolerances used up; undefined when the queue is empty. */
  latest(): number | undefined {
    if (this.#heap.length === 0) return undefined;
    return Math.min(...this.#heap.map(({ deadline, tolerance }) => deadline + tolerance));
  }

  push(deadline: number, callback: () => void, tolerance = 0): Timer {
    const entry = { deadline, callback, tolerance, sequence: this.#sequence++ };
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
    return entry;
  }

  /** Removes and returns the timer with the earliest deadline. */
  pop(): Timer | undefined {
    const first = this.#heap[0];
    if (first) this.#removeAt(0);
    return first;
  }

  /** Does nothing if the timer has gone already. */
  remove(timer: Timer): void {
    const index = this.#heap.indexOf(timer as Entry);
    if (index >= 0) this.#removeAt(index);
  }

  clear(): void {
    this.#heap = [];
  }

  #removeAt(index: number): void {
    const last = this.#heap.pop()!;
    if (index === this.#heap.length) return;
    this.#heap[index] = last;
    this.#siftUp(index);
    this.#siftDown(index);
  }

  #siftUp(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(this.#heap[index], this.#heap[parent])) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #siftDown(start: number): void {
    let index = start;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && before(this.#heap[child], this.#heap[least])) least = child;
      }
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b], this.#heap[a]];
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.sequence < b.sequence);
}
