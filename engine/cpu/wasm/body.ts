// The body of one WebAssembly function, written as expressions.
//
// A `Value` is an expression not yet emitted: its code appears where it is consumed (stored, set, passed on). Using one
// twice computes it twice; `keep` evaluates it now into a temporary local and gives a value that may be used any number of
// times and never changes. Whatever reads memory or a local that is about to change must be kept before the change.
// Integer operations on constants are folded.

import { ByteWriter, F32, F64, I32, I64, V128, type ValueType } from './encoding.ts';

export type Label = number;

/** The condition of this branch nearly always holds, or hardly ever. */
export interface BranchHint {
  /** Bytes from the start of the function's locals. */
  offset: number;
  likely: boolean;
}

/** A finished function. */
export interface FunctionBody {
  /** Locals and code. */
  code: Uint8Array;
  /** Branches of which it is known where they go, in the order of the code. */
  hints: BranchHint[];
}

/** A value known to be `offset` above another one, whatever that is: `root` names it. */
export interface SymbolicAddress {
  readonly root: number;
  readonly offset: number;
}

export class Value {
  readonly body: Body;
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

  constructor(body: Body, type: ValueType, emit: () => void, constant?: number, kept = constant !== undefined) {
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

/** i32.atomic.rmw*.cmpxchg*, i64.atomic.rmw.cmpxchg by size: opcode behind prefix 0xfe, type, alignment. */
const COMPARE_EXCHANGE: Record<number, [opcode: number, type: ValueType, align: number]> = {
  1: [0x4a, I32, 0],
  2: [0x4b, I32, 1],
  4: [0x48, I32, 2],
  8: [0x49, I64, 3],
};

const LOADS: Record<string, readonly [opcode: number, type: ValueType, align: number]> = {
  '1u': [0x2d, I32, 0],
  '1s': [0x2c, I32, 0],
  '2u': [0x2f, I32, 0],
  '2s': [0x2e, I32, 0],
  '4u': [0x28, I32, 0],
  '4s': [0x28, I32, 0],
  '8u': [0x29, I64, 0],
};

export class Body {
  code = new ByteWriter(512);
  readonly #prologue = new ByteWriter(128);
  #hints: BranchHint[] = [];
  readonly #hintsInPrologue: BranchHint[] = [];
  readonly #parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #free: Record<number, number[]> = { [I32]: [], [I64]: [], [F32]: [], [F64]: [], [V128]: [] };
  readonly #temporaries: { type: ValueType; index: number }[] = [];
  #depth = 0;

  constructor(parameters: readonly ValueType[]) {
    this.#parameters = parameters;
  }

  finish(): FunctionBody {
    const out = new ByteWriter(this.code.length + 32);
    const runs: [number, ValueType][] = [];
    for (const type of this.#locals) {
      const last = runs[runs.length - 1];
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    out.u32(runs.length);
    for (const [count, type] of runs) {
      out.u32(count);
      out.u8(type);
    }
    const moved = (hints: readonly BranchHint[], by: number): BranchHint[] =>
      hints.map(({ offset, likely }) => ({ offset: offset + by, likely }));
    const hints = moved(this.#hintsInPrologue, out.length);
    out.raw(this.#prologue.view());
    hints.push(...moved(this.#hints, out.length));
    out.raw(this.code.view());
    out.u8(0x0b);
    return { code: out.view(), hints };
  }

  /** What `emit` emits comes before all other code, whenever it is called. */
  inPrologue(emit: () => void): void {
    const { code } = this;
    const hints = this.#hints;
    this.code = this.#prologue;
    this.#hints = this.#hintsInPrologue;
    emit();
    this.code = code;
    this.#hints = hints;
  }

  // ---- Locals

  newLocal(type: ValueType): number {
    this.#locals.push(type);
    return this.#parameters.length + this.#locals.length - 1;
  }

  get(local: number, type: ValueType = I32): Value {
    return new Value(this, type, () => {
      this.code.u8(0x20);
      this.code.u32(local);
    });
  }

  set(local: number, value: Value): void {
    value.emit();
    this.code.u8(0x21);
    this.code.u32(local);
  }

  /** Evaluates now; the result may be used at will until the temporaries are released. */
  keep(value: Value): Value {
    if (value.kept) return value;
    const local = this.#free[value.type]!.pop() ?? this.newLocal(value.type);
    this.#temporaries.push({ type: value.type, index: local });
    this.set(local, value);
    const kept = this.pinned(local, value.type);
    kept.symbol = value.symbol;
    kept.bits = value.bits;
    kept.normalLow = value.normalLow;
    return kept;
  }

  /** A temporary local that is assigned in several places (both arms of an if). */
  variable(type: ValueType): { value: Value; set: (value: Value) => void } {
    const local = this.#free[type]!.pop() ?? this.newLocal(type);
    this.#temporaries.push({ type, index: local });
    return { value: this.pinned(local, type), set: (value) => this.set(local, value) };
  }

  /** A local that is not assigned any more while the value is in use. */
  pinned(local: number, type: ValueType = I32): Value {
    return new Value(
      this,
      type,
      () => {
        this.code.u8(0x20);
        this.code.u32(local);
      },
      undefined,
      true,
    );
  }

  /** The address `offset` (not negative) bytes above the one in a local, as long as the local stays. */
  pointer(local: number, offset: number): Value {
    const whole = this.get(local).add(offset);
    const pointer = new Value(this, I32, whole.emit, undefined, true);
    pointer.pointer = { local, offset };
    return pointer;
  }

  /** Emits an address for an instruction with an offset of its own; returns the offset to give to it. */
  #address(address: Value, offset: number): number {
    if (!address.pointer) {
      address.emit();
      return offset;
    }
    this.get(address.pointer.local).emit();
    return address.pointer.offset + offset;
  }

  /** All temporaries handed out since may be used again; their values are gone. */
  releaseTemporaries(): void {
    for (const { type, index } of this.#temporaries) this.#free[type]!.push(index);
    this.#temporaries.length = 0;
  }

  // ---- Constants and operations

  i32(value: number): Value {
    const constant = value | 0;
    return new Value(
      this,
      I32,
      () => {
        this.code.u8(0x41);
        this.code.s32(constant);
      },
      constant,
    );
  }

  i64(value: number | bigint): Value {
    const constant = BigInt(value);
    return new Value(
      this,
      I64,
      () => {
        this.code.u8(0x42);
        this.code.s64(constant);
      },
      undefined,
      true,
    );
  }

  operation(type: ValueType, opcode: number, ...operands: Value[]): Value {
    return new Value(this, type, () => {
      for (const operand of operands) operand.emit();
      this.code.u8(opcode);
    });
  }

  /** A SIMD operation (prefix 0xfd), optionally with a lane immediate. */
  simd(type: ValueType, opcode: number, operands: readonly Value[], lane?: number): Value {
    return new Value(this, type, () => {
      for (const operand of operands) operand.emit();
      this.code.u8(0xfd);
      this.code.u32(opcode);
      if (lane !== undefined) this.code.u8(lane);
    });
  }

  /** i8x16.shuffle with sixteen lane numbers (0..31). */
  shuffle(a: Value, b: Value, lanes: readonly number[]): Value {
    return new Value(this, V128, () => {
      a.emit();
      b.emit();
      this.code.u8(0xfd);
      this.code.u32(0x0d);
      for (const lane of lanes) this.code.u8(lane);
    });
  }

  /** A vector of two i64 lanes. */
  vectorOf(low: Value, high: Value): Value {
    return this.simd(V128, 0x1e, [this.simd(V128, 0x12, [low]), high], 1);
  }

  lane64(vector: Value, lane: 0 | 1): Value {
    return this.simd(I64, 0x1d, [vector], lane);
  }

  v128(bytes: readonly number[]): Value {
    return new Value(this, V128, () => {
      this.code.u8(0xfd);
      this.code.u32(0x0c);
      for (const byte of bytes) this.code.u8(byte);
    });
  }

  /** The saturating truncations and other operations of prefix 0xfc. */
  numeric(type: ValueType, opcode: number, operand: Value): Value {
    return new Value(this, type, () => {
      operand.emit();
      this.code.u8(0xfc);
      this.code.u32(opcode);
    });
  }

  select(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    return new Value(this, whenTrue.type, () => {
      whenTrue.emit();
      whenFalse.emit();
      condition.emit();
      this.code.u8(0x1b);
    });
  }

  // ---- Memory. Sizes in bytes: 1, 2, 4 give i32 (zero- or sign-extended), 8 gives i64, 16 v128.

  load(size: number, address: Value, offset = 0, signed = false): Value {
    if (size === 16)
      return new Value(this, V128, () => {
        const at = this.#address(address, offset);
        this.code.u8(0xfd);
        this.code.u32(0x00);
        this.code.u8(0);
        this.code.u32(at);
      });
    const [opcode, type, align] = LOADS[`${size}${signed ? 's' : 'u'}`]!;
    const loaded = new Value(this, type, () => {
      const at = this.#address(address, offset);
      this.code.u8(opcode);
      this.code.u8(align);
      this.code.u32(at);
    });
    if (size < 4 && !signed) loaded.bits = size * 8;
    return loaded;
  }

  store(size: number, address: Value, value: Value, offset = 0): void {
    const at = this.#address(address, offset);
    value.emit();
    if (size === 16) {
      this.code.u8(0xfd);
      this.code.u32(0x0b);
    } else if (value.type === I64) {
      this.code.u8(size === 8 ? 0x37 : size === 4 ? 0x3e : size === 2 ? 0x3d : 0x3c);
    } else if (value.type === F64) {
      this.code.u8(0x39);
    } else if (value.type === F32) {
      this.code.u8(0x38);
    } else {
      this.code.u8(size === 4 ? 0x36 : size === 2 ? 0x3b : 0x3a);
    }
    this.code.u8(0);
    this.code.u32(at);
  }

  /** A vector with 4 or 8 bytes from memory in lane 0, zeros above. */
  loadLow(size: number, address: Value): Value {
    return new Value(this, V128, () => {
      const at = this.#address(address, 0);
      this.code.u8(0xfd);
      this.code.u32(size === 8 ? 0x5d : 0x5c);
      this.code.u8(0);
      this.code.u32(at);
    });
  }

  /**
   * Writes `replacement` if what is there equals `expected`, in one step that no other thread comes between; gives what was
   * there. Sizes 1, 2, 4 (i32) and 8 (i64); traps unless `address` is a multiple of the size.
   */
  compareExchange(size: number, address: Value, expected: Value, replacement: Value): Value {
    const [opcode, type, align] = COMPARE_EXCHANGE[size]!;
    return new Value(this, type, () => {
      const at = this.#address(address, 0);
      expected.emit();
      replacement.emit();
      this.code.u8(0xfe);
      this.code.u32(opcode);
      this.code.u8(align);
      this.code.u32(at);
    });
  }

  /** Stores the lowest 4 or 8 bytes of a vector. */
  storeLow(size: number, address: Value, vector: Value): void {
    const at = this.#address(address, 0);
    vector.emit();
    this.code.u8(0xfd);
    this.code.u32(size === 8 ? 0x5b : 0x5a);
    this.code.u8(0);
    this.code.u32(at);
    this.code.u8(0);
  }

  // ---- Control

  /** How many blocks, loops and ifs enclose what is emitted next. */
  get depth(): number {
    return this.#depth;
  }

  block(inside: (label: Label) => void): void {
    this.code.u8(0x02);
    this.code.u8(0x40);
    inside(++this.#depth);
    this.code.u8(0x0b);
    this.#depth--;
  }

  loop(inside: (label: Label) => void): void {
    this.code.u8(0x03);
    this.code.u8(0x40);
    inside(++this.#depth);
    this.code.u8(0x0b);
    this.#depth--;
  }

  if(condition: Value, whenTrue: () => void, whenFalse?: () => void): void {
    condition.emit();
    this.code.u8(0x04);
    this.code.u8(0x40);
    this.#depth++;
    whenTrue();
    if (whenFalse) {
      this.code.u8(0x05);
      whenFalse();
    }
    this.code.u8(0x0b);
    this.#depth--;
  }

  /** `if` for what hardly ever holds: engines that take hints keep it out of the way. */
  unlikely(condition: Value, whenTrue: () => void): void {
    this.if(this.#hinted(condition, false), whenTrue);
  }

  /** `if` for what nearly always holds. */
  likely(condition: Value, whenTrue: () => void, whenFalse: () => void): void {
    this.if(this.#hinted(condition, true), whenTrue, whenFalse);
  }

  /** The condition, with a hint for the branch that comes right behind it. */
  #hinted(condition: Value, likely: boolean): Value {
    return new Value(this, I32, () => {
      condition.emit();
      this.#hints.push({ offset: this.code.length, likely });
    });
  }

  branch(label: Label): void {
    this.code.u8(0x0c);
    this.code.u32(this.#depth - label);
  }

  branchIf(condition: Value, label: Label): void {
    condition.emit();
    this.code.u8(0x0d);
    this.code.u32(this.#depth - label);
  }

  /** `branchIf` for what hardly ever holds. */
  branchUnlikely(condition: Value, label: Label): void {
    this.branchIf(this.#hinted(condition, false), label);
  }

  /** To the label at index `value`; the last one for every other. */
  branchTable(value: Value, labels: readonly Label[]): void {
    value.emit();
    this.code.u8(0x0e);
    this.code.u32(labels.length - 1);
    for (const label of labels) this.code.u32(this.#depth - label);
  }

  return(value?: Value): void {
    value?.emit();
    this.code.u8(0x0f);
  }

  unreachable(): void {
    this.code.u8(0x00);
  }

  /** A call that gives a value; emitted where it is consumed. */
  call(functionIndex: number, type: ValueType, ...operands: Value[]): Value {
    return new Value(this, type, () => this.callStatement(functionIndex, ...operands));
  }

  callStatement(functionIndex: number, ...operands: Value[]): void {
    for (const operand of operands) operand.emit();
    this.code.u8(0x10);
    this.code.u32(functionIndex);
  }

  /** return_call of a function by its index. */
  tailCall(functionIndex: number, ...operands: Value[]): void {
    for (const operand of operands) operand.emit();
    this.code.u8(0x12);
    this.code.u32(functionIndex);
  }

  /** return_call_indirect through table 0. */
  tailCallIndirect(typeIndex: number, tableIndex: Value, ...operands: Value[]): void {
    for (const operand of operands) operand.emit();
    tableIndex.emit();
    this.code.u8(0x13);
    this.code.u32(typeIndex);
    this.code.u8(0);
  }
}
