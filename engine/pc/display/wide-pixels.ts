// Pixels of 32 bits from the video memory as a canvas has them, four at a time with SIMD: of what showing a full screen costs, JavaScript spends
// most on this.

import { Body } from '../../cpu/wasm/body.ts';
import { I32 } from '../../cpu/wasm/encoding.ts';
import { ModuleBuilder } from '../../cpu/wasm/module.ts';
import { SIMD } from '../../cpu/wasm/simd-opcodes.ts';

/** Of a page of WebAssembly's memory, through which they go. */
const SCRATCH_WORDS = 0x4000;
const VECTOR_BYTES = 16;
/** Red, green, blue from where blue, green, red were. */
const LANES = [0, 4, 8, 12].flatMap((pixel) => [pixel + 2, pixel + 1, pixel, pixel + 3]);
const OPAQUE = [0, 0, 0, 0].flatMap(() => [0, 0, 0, 0xff]);

interface Converter {
  scratch: Int32Array;
  /** Converts that many bytes of it, at least 16. */
  convert(bytes: number): void;
}

let converter: Converter | undefined;

/** `count` words from `start` on, blue in their lowest byte, become pixels from `at` on. */
export function drawWords(words: Int32Array, start: number, count: number, pixels: Int32Array, at: number): void {
  converter ??= buildConverter();
  const { scratch, convert } = converter;
  for (let done = 0; done < count; done += SCRATCH_WORDS) {
    const part = Math.min(SCRATCH_WORDS, count - done);
    scratch.set(words.subarray(start + done, start + done + part));
    convert(4 * part);
    pixels.set(scratch.subarray(0, part), at + done);
  }
}

function buildConverter(): Converter {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', 1);
  const body = new Body([I32]);
  const at = body.variable(I32);
  const end = body.get(0);
  at.set(body.i32(0));
  body.loop((again) => {
    const four = body.load(VECTOR_BYTES, at.value);
    const swapped = body.shuffle(four, four, LANES);
    body.store(VECTOR_BYTES, at.value, body.simd(swapped.type, SIMD.v128_or, [swapped, body.v128(OPAQUE)]));
    at.set(at.value.add(VECTOR_BYTES));
    body.branchIf(at.value.ltU(end), again);
  });
  module.exportFunction('convert', module.addFunction(module.typeIndex([I32], []), body.finish()));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory } });
  return { scratch: new Int32Array(memory.buffer), convert: exports.convert as Converter['convert'] };
}
