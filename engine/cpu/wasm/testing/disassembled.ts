// A WebAssembly module as text, line by line.

import { DevToolsNameGenerator, WasmDisassembler } from 'wasmparser/dist/esm/WasmDis.js';
import { BinaryReader } from 'wasmparser/dist/esm/WasmParser.js';

export interface Disassembled {
  lines: string[];
  /** Of each line in the module, bytes. */
  offsets: number[];
}

/** `variableName` gives parameters and locals another name than the disassembler's. */
export function disassembled(
  module: Uint8Array<ArrayBuffer>,
  variableName: (index: number, name: string) => string = (_index, name) => name,
): Disassembled {
  const reader = () => {
    const fresh = new BinaryReader();
    fresh.setData(module.slice().buffer, 0, module.length);
    return fresh;
  };
  const names = new DevToolsNameGenerator();
  names.read(reader());
  const resolver = names.getNameResolver();
  const nameOf = resolver.getVariableName.bind(resolver);
  resolver.getVariableName = (...local) => variableName(local[1], nameOf(...local));
  const disassembler = new WasmDisassembler();
  disassembler.nameResolver = resolver;
  disassembler.addOffsets = true;
  disassembler.disassembleChunk(reader());
  const { lines, offsets = [] } = disassembler.getResult();
  return { lines, offsets };
}
