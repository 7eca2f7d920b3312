import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from '../testing/bare-machine.ts';
import { engineModules } from '../testing/engine-modules.ts';

const CODE = 0x1000;
const STEPS = 50;
/** mov eax,50; again: add ebx,eax; lea ebx,[ebx+0x3000]; dec eax; jnz again; hlt; jmp back to the start. */
const LOOP = [0xb8, STEPS, 0, 0, 0, 0x01, 0xc3, 0x8d, 0x9b, 0, 0x30, 0, 0, 0x48, 0x75, 0xf5, 0xf4, 0xeb, 0xed];
const LOOP_LENGTH = 4;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;
beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

function looping(): BareMachine {
  const machine = new BareMachine(monitor, interpreter, { translate: 'always' });
  machine.poke(CODE, LOOP);
  machine.run(CODE);
  return machine;
}

describe('what is told of regions', () => {
  it('counts runs and instructions exactly', () => {
    const machine = looping();
    const { regions, live, executed } = machine.executor.regions(10);
    expect(live).toBe(regions.length);
    expect(executed).toBe(1 + STEPS * LOOP_LENGTH);
    expect(regions.reduce((sum, region) => sum + region.executed, 0)).toBe(executed);
    expect(machine.counter(L.N_TRANSLATED)).toBe(executed);
    expect(regions[0]).toMatchObject({
      linear: CODE,
      physical: CODE,
      bits: 32,
      user: false,
      instructions: 6,
      pages: 1,
    });
    expect(regions[0]?.runs).toBe(1);
    machine.run(CODE);
    expect(machine.executor.regions(10).executed).toBe(2 * (1 + STEPS * LOOP_LENGTH));
  });

  it('is bounded, the hottest first', () => {
    const { regions, live } = looping().executor.regions(1);
    expect(regions).toHaveLength(1);
    expect(live).toBeGreaterThan(0);
    expect(regions[0]?.executed).toBeGreaterThan(STEPS);
  });

  it('shows in the counters', () => {
    const machine = looping();
    const { regions } = machine.executor.regions(10);
    expect(machine.counter(L.N_LIVE_REGIONS)).toBe(regions.length);
    expect(machine.counter(L.N_LIVE_WASM_BYTES)).toBe(regions.reduce((sum, { wasmBytes }) => sum + wasmBytes, 0));
    expect(machine.counter(L.N_EXITS_UNLINKED)).toBe(1);
    expect(machine.counter(L.N_COLD_EXITS)).toBe(0);
  });

  it('tells the ways out of regions apart', () => {
    const machine = new BareMachine(monitor, interpreter, { translate: 'always' });
    // mov [0x3000],eax: nothing is in the TLB yet; nop; lldt ax: left to the interpreter; hlt.
    machine.poke(CODE, [0xa3, 0, 0x30, 0, 0, 0x90, 0x0f, 0x00, 0xd0, 0xf4, 0xeb, 0xfe]);
    machine.run(CODE);
    const counts = [L.N_EXITS_MISS, L.N_EXITS_FAULT, L.N_EXITS_INTERPRET].map((exit) => machine.counter(exit));
    expect(counts).toEqual([1, 0, 1]);
    expect(machine.counter(L.N_COLD_EXITS)).toBe(2);
  });

  it('forgets what is gone but keeps its instructions in the sum', () => {
    const machine = looping();
    const { executed } = machine.executor.regions(10);
    machine.executor.invalidateCode(CODE, LOOP.length);
    expect(machine.executor.regions(10)).toEqual({ regions: [], live: 0, executed });
    expect(machine.counter(L.N_LIVE_WASM_BYTES)).toBe(0);
  });
});

describe('the code of a region', () => {
  it('is its instructions with entries, targets and text', () => {
    const { executor } = looping();
    const id = executor.regions(1).regions[0]!.id;
    const code = executor.regionCode(id)!;
    expect(code.instructions.map(({ address, text }) => `${address.toString(16)} ${text}`)).toEqual([
      '1000 mov eax,0x32',
      '1005 add ebx,eax',
      '1007 lea ebx,[ebx+0x3000]',
      '100d dec eax',
      '100e jne 0x1005',
      '1011 jmp 0x1000',
    ]);
    expect(code.instructions.map(({ leads }) => leads)).toEqual([true, true, false, false, false, true]);
    expect(code.instructions[0]).toMatchObject({ entry: true });
    expect(code.instructions[4]).toMatchObject({ target: 0x1005, bytes: Uint8Array.of(0x75, 0xf5) });
    expect(executor.regionCode(id + 100)).toBeUndefined();
  });

  it('is the very module that runs, with a mark for each instruction', () => {
    const { executor } = looping();
    const { id, wasmBytes } = executor.regions(1).regions[0]!;
    const { wasm, marks, instructions } = executor.regionCode(id)!;
    expect(wasm).toHaveLength(wasmBytes);
    expect(WebAssembly.validate(wasm!)).toBe(true);
    for (const { address } of instructions) expect(marks.some((mark) => mark.address === address)).toBe(true);
    expect(marks.map(({ at }) => at)).toEqual(marks.map(({ at }) => at).sort((a, b) => a - b));
    // i32.const 50 stands where the marks say that MOV EAX,50 was emitted.
    const from = marks.findLastIndex(({ address }) => address === CODE);
    const emitted = [...wasm!.subarray(marks[from]!.at, marks[from + 1]!.at)];
    expect(emitted.join()).toContain([0x41, STEPS].join());
    expect(marks.at(-1)).toMatchObject({ at: expect.any(Number) });
    expect(marks.at(-1)!.address).toBeUndefined();
  });
});
