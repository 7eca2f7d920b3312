import { describe, expect, it } from 'vitest';
import { simulatedRegionCode } from '../simulation/simulated-regions.ts';
import { addressesOfLines, shareOfInstructions } from './code-map.ts';
import { wasmText } from './wasm-text.ts';

describe('addressesOfLines', () => {
  it('gives a line the last mark at or before it', () => {
    const lines = [0, 10, 12, 20, 25].map((at) => ({ text: '', at }));
    const marks = [{ at: 10 }, { at: 11, address: 0x100 }, { at: 20, address: 0x104 }, { at: 24 }];
    expect(addressesOfLines(lines, marks)).toEqual([undefined, undefined, 0x100, 0x104, undefined]);
  });

  it('finds each instruction of a real region in the text of its module', async () => {
    const code = simulatedRegionCode(1);
    const lines = await wasmText(code.wasm!);
    const addresses = addressesOfLines(lines, code.marks);
    for (const { address, text } of code.instructions) expect(addresses.includes(address), text).toBe(true);
    // IMUL EAX,EAX,31 multiplies in one of its own lines.
    const imul = code.instructions.find(({ text }) => text.startsWith('imul'))!;
    const own = lines.filter((_, n) => addresses[n] === imul.address).map(({ text }) => text.trim());
    expect(own).toContain('i32.const 31');
    expect(own.some((text) => text === 'i32.mul' || text === 'i64.mul')).toBe(true);
  });
});

describe('wasmText', () => {
  it('names functions by what they are imported as', async () => {
    const text = (await wasmText(simulatedRegionCode(1).wasm!)).map((line) => line.text).join('\n');
    expect(text).toMatch(/^\(module/);
    expect(text).toMatch(/\(func \$interpreter\.chain .*\(import "interpreter" "chain"\)/);
    expect(text).toMatch(/\(func \$region .*\(param \$cpu i32\)/);
    expect(text).toMatch(/local\.get \$cpu\n +i32\.load offset=\d+ align=1 ;; RIP/);
    expect(text).toMatch(/return_call \$interpreter\.chain/);
  });

  it('rejects what is no module', async () => {
    await expect(wasmText(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).rejects.toThrow();
  });
});

describe('shareOfInstructions', () => {
  it('weighs bytes between marks', () => {
    const wasm = new Uint8Array(100);
    expect(shareOfInstructions({ id: 1, instructions: [], wasm, marks: [{ at: 20, address: 1 }, { at: 70 }] })).toBe(
      0.5,
    );
    expect(shareOfInstructions({ id: 1, instructions: [], wasm: undefined, marks: [] })).toBe(0);
  });
});
