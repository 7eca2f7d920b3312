// Which accesses of a block lie near each other: same root value, constant offsets. One TLB check for all of a group replaces
// one for each, which is what stack frames and runs of [reg+disp] cost most by.
//
// A first, discarded emission of the block records its accesses (`record`); the real one asks for the group of the first
// access it meets, checks the group's whole range at once, and finds the rest checked. A check stays good until the region
// is left: nothing a region does takes a mapping or a right away. It is known where it dominates: later in the block, and
// in blocks reached only from there, which start from a copy of this state (`save`, `restore`).

import type { SymbolicAddress } from '../wasm/value.ts';

/**
 * A check of a range fails where a page ends in it, once in 4096 / range, and costs a leaving then; each check saved is worth
 * about a hundredth of that. So a group may be this wide for each check that it saves, and no wider than that.
 */
const WIDTH_PER_CHECK = 32;
const WIDEST_GROUP = 160;
/** Root of addresses known as numbers. */
const ABSOLUTE = -1;

export interface Range {
  low: number;
  /** Exclusive. */
  high: number;
  write: boolean;
}

interface Recorded extends Range {
  count: number;
}

export interface CheckedRange extends Range {
  /** Local with the machine address of `low`. */
  pointer: number;
}

export interface AddressState {
  registers: Map<number, SymbolicAddress>;
  checked: Map<number, CheckedRange>;
  checks: number;
  sums: Map<string, number>;
  nextRoot: number;
}

export function symbolOf(value: {
  symbol: SymbolicAddress | undefined;
  constant: number | undefined;
}): SymbolicAddress | undefined {
  return value.constant === undefined ? value.symbol : { root: ABSOLUTE, offset: value.constant };
}

export class AddressGroups {
  /** Symbol of each general register's present value, by its offset in the CPU block. */
  #registers = new Map<number, SymbolicAddress>();
  #checked = new Map<number, CheckedRange>();
  #checks = 0;
  /** Roots of base + (index << scale), by the roots of the two. */
  #sums = new Map<string, number>();
  #nextRoot = 0;
  #recorded = new Map<number, Recorded>();

  /** At a place that is reached from several others nothing is known. */
  forget(): void {
    this.#registers = new Map();
    this.#checked = new Map();
    this.#checks = 0;
    this.#sums = new Map();
  }

  save(): AddressState {
    return {
      registers: new Map(this.#registers),
      checked: new Map(this.#checked),
      checks: this.#checks,
      sums: new Map(this.#sums),
      nextRoot: this.#nextRoot,
    };
  }

  restore(state: AddressState): void {
    this.#registers = new Map(state.registers);
    this.#checked = new Map(state.checked);
    this.#checks = state.checks;
    this.#sums = new Map(state.sums);
    this.#nextRoot = state.nextRoot;
  }

  /** What a discarded emission of the coming block has recorded; undefined: nothing worth a group. */
  expect(other: AddressGroups | undefined): void {
    this.#recorded = other ? other.#recorded : new Map();
  }

  registerSymbol(register: number): SymbolicAddress {
    let symbol = this.#registers.get(register);
    if (!symbol) {
      symbol = { root: this.#nextRoot++, offset: 0 };
      this.#registers.set(register, symbol);
    }
    return symbol;
  }

  /** base + (index << scale); without a base too. */
  sum(base: SymbolicAddress | undefined, index: SymbolicAddress, scale: number): SymbolicAddress {
    if (!base && scale === 0) return index;
    const key = `${base?.root}+${index.root}<<${scale}`;
    let root = this.#sums.get(key);
    if (root === undefined) {
      root = this.#nextRoot++;
      this.#sums.set(key, root);
    }
    return { root, offset: ((base?.offset ?? 0) + (index.offset << scale)) | 0 };
  }

  setRegister(register: number, symbol: SymbolicAddress | undefined): void {
    if (symbol) this.#registers.set(register, symbol);
    else this.#registers.delete(register);
  }

  record(symbol: SymbolicAddress, size: number, write: boolean): void {
    const high = symbol.offset + size;
    const range = this.#recorded.get(symbol.root);
    if (!range) {
      this.#recorded.set(symbol.root, { low: symbol.offset, high, write, count: 1 });
      return;
    }
    range.low = Math.min(range.low, symbol.offset);
    range.high = Math.max(range.high, high);
    range.write ||= write;
    range.count++;
  }

  /** The check that covers this access, if there was one. */
  checked(symbol: SymbolicAddress, size: number, write: boolean): CheckedRange | undefined {
    const range = this.#checked.get(symbol.root);
    if (!range || symbol.offset < range.low || symbol.offset + size > range.high) return undefined;
    return write && !range.write ? undefined : range;
  }

  /** The range worth checking at once for this access, if it has company. */
  group(symbol: SymbolicAddress): Range | undefined {
    const range = this.#recorded.get(symbol.root);
    if (!range) return undefined;
    const widest = Math.min(WIDEST_GROUP, WIDTH_PER_CHECK * (range.count - 1));
    return range.high - range.low <= widest ? range : undefined;
  }

  /** How many checks stand behind what is known here; blocks side by side may use the same locals for theirs. */
  get depth(): number {
    return this.#checks;
  }

  remember(symbol: SymbolicAddress, range: CheckedRange): void {
    this.#checked.set(symbol.root, range);
    this.#checks++;
  }
}
