// A set of addresses that does not grow without end: the one that was added longest ago goes for a new one.

export class RecentPlaces {
  readonly #places = new Set<number>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  has(place: number): boolean {
    return this.#places.has(place);
  }

  add(place: number): void {
    this.#places.add(place);
    if (this.#places.size > this.#most) this.#places.delete(this.#places.values().next().value!);
  }

  clear(): void {
    this.#places.clear();
  }
}
