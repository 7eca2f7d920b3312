import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body } from './body.ts';
import { I32, I64, V128, type ValueType } from './encoding.ts';
import { ModuleBuilder } from './module.ts';
import type { Value } from './value.ts';

type Native = (...values: (number | bigint)[]) => number & bigint;

/** Compiles one function over a memory of 64 KiB. */
function compile(
  parameters: readonly ValueType[],
  results: readonly ValueType[],
  fill: (body: Body, module: { typeIndex: number }) => void,
): { run: Native; memory: DataView } {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', 1);
  module.importTable('env', 'table');
  const typeIndex = module.typeIndex(parameters, results);
  const body = new Body(parameters);
  fill(body, { typeIndex });
  module.exportFunction('run', module.addFunction(typeIndex, body.finish()));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory, table } });
  table.set(1, instance.exports.run as never);
  return { run: instance.exports.run as Native, memory: new DataView(memory.buffer) };
}

const WORD = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 31, 32, 0x7fffffff, -0x80000000, 0xff, 0xffff));

type Operator = (a: Value, b: Value) => Value;

const OPERATORS: Record<string, [emit: Operator, expected: (a: number, b: number) => number]> = {
  add: [(a, b) => a.add(b), (a, b) => (a + b) | 0],
  sub: [(a, b) => a.sub(b), (a, b) => (a - b) | 0],
  mul: [(a, b) => a.mul(b), Math.imul],
  and: [(a, b) => a.and(b), (a, b) => a & b],
  or: [(a, b) => a.or(b), (a, b) => a | b],
  xor: [(a, b) => a.xor(b), (a, b) => a ^ b],
  shl: [(a, b) => a.shl(b), (a, b) => a << b],
  shrS: [(a, b) => a.shrS(b), (a, b) => a >> b],
  shrU: [(a, b) => a.shrU(b), (a, b) => (a >>> b) | 0],
  rotl: [(a, b) => a.rotl(b), (a, b) => (a << b) | ((b & 31) === 0 ? 0 : a >>> (32 - (b & 31)))],
  rotr: [(a, b) => a.rotr(b), (a, b) => (a >>> b) | ((b & 31) === 0 ? 0 : a << (32 - (b & 31)))],
  eq: [(a, b) => a.eq(b), (a, b) => +(a === b)],
  ne: [(a, b) => a.ne(b), (a, b) => +(a !== b)],
  ltS: [(a, b) => a.ltS(b), (a, b) => +(a < b)],
  ltU: [(a, b) => a.ltU(b), (a, b) => +(a >>> 0 < b >>> 0)],
  gtS: [(a, b) => a.gtS(b), (a, b) => +(a > b)],
  gtU: [(a, b) => a.gtU(b), (a, b) => +(a >>> 0 > b >>> 0)],
  leS: [(a, b) => a.leS(b), (a, b) => +(a <= b)],
  leU: [(a, b) => a.leU(b), (a, b) => +(a >>> 0 <= b >>> 0)],
  geS: [(a, b) => a.geS(b), (a, b) => +(a >= b)],
  geU: [(a, b) => a.geU(b), (a, b) => +(a >>> 0 >= b >>> 0)],
};

describe('operations of two 32-bit operands', () => {
  it.each(Object.entries(OPERATORS))(
    '%s is the same computed, folded, and with one constant',
    (_, [emit, expected]) => {
      const { run } = compile([I32, I32], [I32], (body) => emit(body.get(0), body.get(1)).emit());
      fc.assert(
        fc.property(WORD, WORD, (a, b) => {
          const wanted = expected(a, b) | 0;
          expect(run(a, b)).toBe(wanted);
          expect(compile([], [I32], (body) => emit(body.i32(a), body.i32(b)).emit()).run()).toBe(wanted);
          expect(compile([I32], [I32], (body) => emit(body.get(0), body.i32(b)).emit()).run(a)).toBe(wanted);
          expect(compile([I32], [I32], (body) => emit(body.i32(a), body.get(0)).emit()).run(b)).toBe(wanted);
        }),
        { numRuns: 25 },
      );
    },
  );
});

describe('other operations', () => {
  it('computes in 64 bits', () => {
    const { run } = compile([I64, I64], [I64], (body) => {
      const product = body.get(0, I64).mul(body.get(1, I64));
      body.get(0, I64).sub(product).xor(body.get(1, I64).shl(3)).neg().emit();
    });
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
        fc.bigInt({ min: 0n, max: 1n << 62n }),
        (a, b) => {
          expect(run(a, b)).toBe(BigInt.asIntN(64, -((a - a * b) ^ (b << 3n))));
        },
      ),
    );
  });

  it('extends and wraps between widths', () => {
    const { run } = compile([I32], [I64], (body) => {
      const value = body.get(0);
      body
        .get(0)
        .extendS()
        .shl(32)
        .or(value.signExtend(1).add(value.zeroExtend(2)).extendU())
        .emit();
    });
    const value = 0x1234_89ab;
    const low = ((value << 24) >> 24) + (value & 0xffff);
    expect(run(value)).toBe((BigInt(value) << 32n) | BigInt(low));
    expect(compile([I64], [I32], (body) => body.get(0, I64).wrap().emit()).run(0x1_ffff_fffen)).toBe(-2);
  });

  it('counts bits', () => {
    const { run } = compile([I32], [I32], (body) => {
      const value = body.get(0);
      value.clz().shl(16).or(value.ctz().shl(8)).or(value.popcnt()).emit();
    });
    expect(run(0x00f0_0100)).toBe((8 << 16) | (8 << 8) | 5);
    expect(run(0)).toBe((32 << 16) | (32 << 8));
  });

  it('shuffles and takes vectors apart', () => {
    const { run } = compile([I64, I64], [I64], (body) => {
      const vector = body.vectorOf(body.get(0, I64), body.get(1, I64));
      const reversed = body.shuffle(vector, vector, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      const kept = body.keep(reversed);
      expect(kept.type).toBe(V128);
      body.lane64(kept, 0).xor(body.lane64(kept, 1)).emit();
    });
    expect(run(0x0102030405060708n, 0x1000000000000000n)).toBe(0x0807060504030201n ^ 0x10n);
  });
});

describe('memory', () => {
  it('loads and stores each size, sign-extended on request, little-endian at any address', () => {
    for (const size of [1, 2, 4]) {
      const bits = size * 8;
      const { run, memory } = compile([I32], [I32], (body) => {
        body.store(size, body.i32(3), body.get(0), 4);
        body.store(4, body.i32(16), body.load(size, body.i32(5), 2, true));
        body.load(size, body.i32(7)).emit();
      });
      expect(run(0x8899aabb | 0) >>> 0).toBe(size === 4 ? 0x8899aabb : 0x8899aabb & ((1 << bits) - 1));
      expect(memory.getInt32(16, true)).toBe((0x8899aabb << (32 - bits)) >> (32 - bits));
      expect(memory.getUint8(7)).toBe(0xbb);
      expect(memory.getUint8(7 + size)).toBe(0);
    }
  });

  it('stores the low bytes of 64 bits, and whole vectors', () => {
    const { run, memory } = compile([I64], [], (body) => {
      body.store(2, body.i32(0), body.get(0, I64));
      body.store(8, body.i32(8), body.get(0, I64));
      body.store(16, body.i32(32), body.load(16, body.i32(0)));
    });
    run(0x1122334455667788n);
    expect(memory.getBigUint64(0, true)).toBe(0x7788n);
    expect(memory.getBigUint64(40, true)).toBe(0x1122334455667788n);
  });
});

describe('keep', () => {
  it('evaluates once, before what follows changes it', () => {
    const { run } = compile([I32], [I32], (body) => {
      const before = body.keep(body.get(0).add(1));
      body.set(0, body.i32(100));
      before.mul(before).add(body.get(0)).emit();
    });
    expect(run(6)).toBe(149);
  });

  it('keeps neither a constant nor what is kept', () => {
    const body = new Body([I32]);
    const constant = body.i32(7);
    expect(body.keep(constant)).toBe(constant);
    const kept = body.keep(body.get(0).add(1));
    expect(body.keep(kept)).toBe(kept);
  });

  it('uses temporaries again once they are released, and not before', () => {
    const locals = (release: boolean): number => {
      const body = new Body([I32]);
      for (let n = 0; n < 10; n++) {
        body.keep(body.get(0).add(n + 1));
        if (release) body.releaseTemporaries();
      }
      return body.newLocal(I32) - 1;
    };
    expect(locals(true)).toBe(1);
    expect(locals(false)).toBe(10);
  });
});

describe('control', () => {
  it('loops, branches out of nested blocks, and returns early', () => {
    const { run } = compile([I32], [I32], (body) => {
      const sum = body.newLocal(I32);
      body.if(body.get(0).ltS(0), () => body.return(body.i32(-1)));
      body.block((done) => {
        body.loop((again) => {
          body.branchIf(body.get(0).eqz(), done);
          body.set(sum, body.get(sum).add(body.get(0)));
          body.set(0, body.get(0).sub(1));
          body.branch(again);
        });
        body.unreachable();
      });
      body.get(sum).emit();
    });
    expect(run(100)).toBe(5050);
    expect(run(0)).toBe(0);
    expect(run(-3)).toBe(-1);
  });

  it('chooses between two arms and by select', () => {
    const { run } = compile([I32], [I32], (body) => {
      const chosen = body.variable(I32);
      body.if(
        body.get(0).gtS(10),
        () => chosen.set(body.i32(1)),
        () => chosen.set(body.i32(2)),
      );
      body.select(body.get(0).and(1), chosen.value.mul(10), chosen.value).emit();
    });
    expect([11, 12, 9, 8].map((n) => run(n))).toEqual([10, 1, 20, 2]);
  });

  it('puts the prologue first, whenever it is emitted', () => {
    const { run } = compile([I32], [I32], (body) => {
      const base = body.newLocal(I32);
      body.get(base).add(body.get(0)).emit();
      body.inPrologue(() => body.set(base, body.i32(1000)));
    });
    expect(run(1)).toBe(1001);
  });

  it('calls itself through the table in constant stack space', () => {
    const { run } = compile([I32, I32], [I32], (body, { typeIndex }) => {
      body.if(body.get(0), () => body.tailCallIndirect(typeIndex, body.i32(1), body.get(0).sub(1), body.get(1).add(2)));
      body.get(1).emit();
    });
    expect(run(1_000_000, 0)).toBe(2_000_000);
  });

  it('moves lane 0 of vectors to and from memory', () => {
    for (const size of [4, 8]) {
      const { run, memory } = compile([], [], (body) => {
        body.storeLow(size, body.i32(16), body.loadLow(size, body.i32(0)));
        body.store(16, body.i32(32), body.loadLow(size, body.i32(0)));
      });
      for (let at = 0; at < 48; at++) memory.setUint8(at, 0x11 + at);
      run();
      const bytes = (from: number, count: number) => Array.from({ length: count }, (_, n) => memory.getUint8(from + n));
      expect(bytes(16, size)).toEqual(bytes(0, size));
      expect(memory.getUint8(16 + size)).toBe(0x11 + 16 + size);
      expect(bytes(32, 16)).toEqual([...bytes(0, size), ...new Array(16 - size).fill(0)]);
    }
  });
});
