// Planar memory as a model for tests: four planes of bytes and what the manual says of each bit, without a thought of speed.

export interface PlanarRegisters {
  mapMask: number;
  memoryMode: number;
  setReset: number;
  enable: number;
  compare: number;
  rotate: number;
  readMap: number;
  mode: number;
  dontCare: number;
  bitMask: number;
}

const PLANES = [0, 1, 2, 3];
const BITS = [0, 1, 2, 3, 4, 5, 6, 7];
const bit = (value: number, n: number): number => (value >> n) & 1;

export class PlanarModel {
  readonly planes: Uint8Array[];
  latches = [0, 0, 0, 0];
  bank = 0;
  readonly #positions: number;
  readonly #registers: () => PlanarRegisters;

  constructor(positions: number, registers: () => PlanarRegisters) {
    this.#positions = positions;
    this.#registers = registers;
    this.planes = PLANES.map(() => new Uint8Array(positions));
  }

  /** One byte at an offset of the window. */
  read(offset: number): number {
    const { memoryMode, mode, readMap, compare, dontCare } = this.#registers();
    const chained = bit(memoryMode, 3) === 1;
    const oddEven = !chained && bit(mode, 4) === 1;
    const linear = oddEven ? offset : offset + this.bank;
    const position = (chained ? linear >> 2 : oddEven ? linear >> 1 : linear) % this.#positions;
    const plane = chained ? linear & 3 : oddEven ? (readMap & 2) | (linear & 1) : readMap;
    this.latches = this.planes.map((bytes) => bytes[position]!);
    if (chained || bit(mode, 3) === 0) return this.latches[plane]!;
    const agrees = (n: number) =>
      PLANES.every((p) => bit(dontCare, p) === 0 || bit(this.latches[p]!, n) === bit(compare, p));
    return BITS.reduce((sum, n) => sum + (agrees(n) ? 1 << n : 0), 0);
  }

  write(offset: number, value: number): void {
    const { memoryMode, mapMask } = this.#registers();
    const chained = bit(memoryMode, 3) === 1;
    const oddEven = !chained && bit(memoryMode, 2) === 0;
    const linear = oddEven ? offset : offset + this.bank;
    const position = (chained ? linear >> 2 : oddEven ? linear >> 1 : linear) % this.#positions;
    for (const plane of PLANES) {
      if (bit(mapMask, plane) === 0) continue;
      if (chained && plane !== (linear & 3)) continue;
      if (oddEven && (plane & 1) !== (linear & 1)) continue;
      this.planes[plane]![position] = BITS.reduce((sum, n) => sum + (this.#writtenBit(plane, n, value) << n), 0);
    }
  }

  /** Bit n of a plane after a write of `value`. */
  #writtenBit(plane: number, n: number, value: number): number {
    const { mode, setReset, enable, rotate, bitMask } = this.#registers();
    const latched = bit(this.latches[plane]!, n);
    const rotated = bit(value, (n + (rotate & 7)) % 8);
    switch (mode & 3) {
      case 0:
        return bit(bitMask, n) ? this.#combined(bit(enable, plane) ? bit(setReset, plane) : rotated, latched) : latched;
      case 1:
        return latched;
      case 2:
        return bit(bitMask, n) ? this.#combined(bit(value, plane), latched) : latched;
      default:
        return bit(bitMask, n) && rotated ? this.#combined(bit(setReset, plane), latched) : latched;
    }
  }

  #combined(data: number, latched: number): number {
    return [data, data & latched, data | latched, data ^ latched][this.#registers().rotate >> 3]!;
  }
}
