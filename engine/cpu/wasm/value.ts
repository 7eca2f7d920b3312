// An expression of a function's body that has not been emitted yet, and the integer operations on such expressions. Operations on
// constants are folded. What becomes of an expression, and when, is body.ts.

import { I32, I64, type ValueType } from './encoding.ts';

/** What makes values of one function: its body. */
export interface ValueSource {
  i32(value: number): Value;
  i64(value: number | bigint): Value;
  operation(type: ValueType, opcode: number, ...operands: Value[]): Value;
}

/** A value known to be `offset` above another one, whatever that is: `root` names it. */
export interface SymbolicAddress {
  readonly root: number;
  readonly offset: number;
}

export class Value {
  readonly body: ValueSource;
  readonly type: ValueType;
  readonly emit: () => void;
  readonly constant: number | undefined;
  /** Cheap and immutable: keeping it again is pointless. */
  readonly kept: boolean;
  /** Follows the value through sums with constants; for the emitters' use. */
  symbol: SymbolicAddress | undefined;
  /** Set for an address in memory that lies `offset` bytes above what a local holds: instructions take the offset in. */
  pointer: { readonly local: number; readonly offset: number } | undefined;
  /** Bits that may be set, counted from the lowest, if fewer than the type has. */
  bits: number | undefined;
  /** Bytes of lane 0, if that is known to be no denormal number; for the emitters' use. */
  normalLow: number | undefined;

  constructor(body: ValueSource, type: ValueType, emit: () => void, constant?: number, kept = constant !== undefined) {
    this.body = body;
    this.type = type;
    this.emit = emit;
    this.constant = constant;
    this.kept = kept;
  }

  #coerce(other: Value | number): Value {
    return typeof other === 'number' ? (this.type === I64 ? this.body.i64(other) : this.body.i32(other)) : other;
  }

  #binary(other: Value | number, op32: number, op64: number, fold?: (a: number, b: number) => number): Value {
    const right = this.#coerce(other);
    if (fold && this.type === I32 && this.constant !== undefined && right.constant !== undefined)
      return this.body.i32(fold(this.constant, right.constant));
    return this.body.operation(this.type, this.type === I64 ? op64 : op32, this, right);
  }

  #compare(other: Value | number, op32: number, op64: number, fold?: (a: number, b: number) => boolean): Value {
    const right = this.#coerce(other);
    if (fold && this.type === I32 && this.constant !== undefined && right.constant !== undefined)
      return this.body.i32(fold(this.constant, right.constant) ? 1 : 0);
    return this.body.operation(I32, this.type === I64 ? op64 : op32, this, right);
  }

  add(other: Value | number): Value {
    const right = this.#coerce(other);
    if (right.constant === 0) return this;
    if (this.constant === 0) return right;
    const sum = this.#binary(right, 0x6a, 0x7c, (a, b) => (a + b) | 0);
    if (right.constant !== undefined) sum.#moveSymbol(this, right.constant);
    else if (this.constant !== undefined) sum.#moveSymbol(right, this.constant);
    return sum;
  }
  #moveSymbol(from: Value, by: number): void {
    if (from.symbol) this.symbol = { root: from.symbol.root, offset: (from.symbol.offset + by) | 0 };
  }
  sub(other: Value | number): Value {
    const right = this.#coerce(other);
    if (right.constant === 0) return this;
    const difference = this.#binary(right, 0x6b, 0x7d, (a, b) => (a - b) | 0);
    if (right.constant !== undefined) difference.#moveSymbol(this, -right.constant);
    return difference;
  }
  mul(other: Value | number): Value {
    return this.#binary(other, 0x6c, 0x7e, Math.imul);
  }
  divS(other: Value | number): Value {
    return this.#binary(other, 0x6d, 0x7f);
  }
  divU(other: Value | number): Value {
    return this.#binary(other, 0x6e, 0x80);
  }
  remS(other: Value | number): Value {
    return this.#binary(other, 0x6f, 0x81);
  }
  remU(other: Value | number): Value {
    return this.#binary(other, 0x70, 0x82);
  }
  and(other: Value | number): Value {
    if (this.type === I32 && this.#coerce(other).constant === -1) return this;
    return this.#binary(other, 0x71, 0x83, (a, b) => a & b);
  }
  or(other: Value | number): Value {
    if (this.#coerce(other).constant === 0) return this;
    return this.#binary(other, 0x72, 0x84, (a, b) => a | b);
  }
  xor(other: Value | number): Value {
    return this.#binary(other, 0x73, 0x85, (a, b) => a ^ b);
  }
  shl(other: Value | number): Value {
    if (this.#coerce(other).constant === 0) return this;
    return this.#binary(other, 0x74, 0x86, (a, b) => a << b);
  }
  shrS(other: Value | number): Value {
    if (this.#coerce(other).constant === 0) return this;
    return this.#binary(other, 0x75, 0x87, (a, b) => a >> b);
  }
  shrU(other: Value | number): Value {
    if (this.#coerce(other).constant === 0) return this;
    return this.#binary(other, 0x76, 0x88, (a, b) => (a >>> b) | 0);
  }
  rotl(other: Value | number): Value {
    return this.#binary(other, 0x77, 0x89);
  }
  rotr(other: Value | number): Value {
    return this.#binary(other, 0x78, 0x8a);
  }
  eq(other: Value | number): Value {
    if (this.#coerce(other).constant === 0) return this.eqz();
    return this.#compare(other, 0x46, 0x51, (a, b) => a === b);
  }
  ne(other: Value | number): Value {
    return this.#compare(other, 0x47, 0x52, (a, b) => a !== b);
  }
  ltS(other: Value | number): Value {
    return this.#compare(other, 0x48, 0x53, (a, b) => a < b);
  }
  ltU(other: Value | number): Value {
    return this.#compare(other, 0x49, 0x54, (a, b) => a >>> 0 < b >>> 0);
  }
  gtS(other: Value | number): Value {
    return this.#compare(other, 0x4a, 0x55, (a, b) => a > b);
  }
  gtU(other: Value | number): Value {
    return this.#compare(other, 0x4b, 0x56, (a, b) => a >>> 0 > b >>> 0);
  }
  leS(other: Value | number): Value {
    return this.#compare(other, 0x4c, 0x57, (a, b) => a <= b);
  }
  leU(other: Value | number): Value {
    return this.#compare(other, 0x4d, 0x58, (a, b) => a >>> 0 <= b >>> 0);
  }
  geS(other: Value | number): Value {
    return this.#compare(other, 0x4e, 0x59, (a, b) => a >= b);
  }
  geU(other: Value | number): Value {
    return this.#compare(other, 0x4f, 0x5a, (a, b) => a >>> 0 >= b >>> 0);
  }

  #unary(result: ValueType, op: number, fold?: (a: number) => number): Value {
    if (fold && this.type === I32 && this.constant !== undefined) return this.body.i32(fold(this.constant));
    return this.body.operation(result, op, this);
  }
  eqz(): Value {
    return this.#unary(I32, this.type === I64 ? 0x50 : 0x45, (a) => (a === 0 ? 1 : 0));
  }
  clz(): Value {
    return this.#unary(this.type, this.type === I64 ? 0x79 : 0x67);
  }
  ctz(): Value {
    return this.#unary(this.type, this.type === I64 ? 0x7a : 0x68);
  }
  popcnt(): Value {
    return this.#unary(this.type, this.type === I64 ? 0x7b : 0x69);
  }
  /** i32, sign-extended from the low 8, 16 or 32 bits; `size` in bytes. */
  signExtend(size: number): Value {
    if (size === 1) return this.#unary(I32, 0xc0, (a) => (a << 24) >> 24);
    if (size === 2) return this.#unary(I32, 0xc1, (a) => (a << 16) >> 16);
    return this;
  }
  /** i32, zero-extended from the low 8, 16 or 32 bits; `size` in bytes. */
  zeroExtend(size: number): Value {
    if (size >= 4 || (this.bits !== undefined && this.bits <= size * 8)) return this;
    const cut = this.and(size === 1 ? 0xff : 0xffff);
    cut.bits = size * 8;
    return cut;
  }
  wrap(): Value {
    return this.body.operation(I32, 0xa7, this);
  }
  extendU(): Value {
    return this.body.operation(I64, 0xad, this);
  }
  extendS(): Value {
    return this.body.operation(I64, 0xac, this);
  }
  not(): Value {
    return this.xor(-1);
  }
  neg(): Value {
    return (this.type === I64 ? this.body.i64(0) : this.body.i32(0)).sub(this);
  }
  bool(): Value {
    return this.ne(0);
  }
}
