// Which instruction each line of WebAssembly was made for.
import type { RegionCode } from '../../engine/host/api.ts';
import type { WasmLine } from './wasm-text.ts';

/** By line, the address of its instruction; undefined for what belongs to none. */
export function addressesOfLines(lines: readonly WasmLine[], marks: RegionCode['marks']): (number | undefined)[] {
  let next = 0;
  let address: number | undefined;
  return lines.map(({ at }) => {
    while (next < marks.length && marks[next].at <= at) address = marks[next++].address;
    return address;
  });
}

/** The share of the bytes of WebAssembly that was made for instructions rather than for coming in and going out. */
export function shareOfInstructions(code: RegionCode): number {
  const { marks, wasm } = code;
  if (!wasm || wasm.length === 0) return 0;
  const bytes = marks.reduce((sum, mark, n) => {
    const end = marks[n + 1]?.at ?? wasm.length;
    return mark.address === undefined ? sum : sum + end - mark.at;
  }, 0);
  return bytes / wasm.length;
}
