// The text of a WebAssembly module, line by line with the place of each in the module. The disassembler is a library of its
// own weight and is loaded by the first who asks (docs/decisions).
import { withField } from '../../engine/cpu/abi/field-names.ts';

/** What a region's function is called with (engine/cpu/translator/region-emitter.ts). */
const PARAMETERS = ['$cpu', '$slot', '$entry'];

/** One line of text. */
export interface WasmLine {
  text: string;
  /** Offset of its first byte in the module. */
  at: number;
}

/** Of a region: functions and parameters bear their names, and so do fields of the CPU block. Rejects when the bytes are no module. */
export async function wasmText(module: Uint8Array<ArrayBuffer>): Promise<WasmLine[]> {
  const [{ BinaryReader }, { DevToolsNameGenerator, WasmDisassembler }] = await Promise.all([
    import('wasmparser/dist/esm/WasmParser.js'),
    import('wasmparser/dist/esm/WasmDis.js'),
  ]);
  const reader = () => {
    const fresh = new BinaryReader();
    fresh.setData(module.slice().buffer, 0, module.length);
    return fresh;
  };
  const names = new DevToolsNameGenerator();
  names.read(reader());
  const disassembler = new WasmDisassembler();
  const resolver = names.getNameResolver();
  const nameOf = resolver.getVariableName.bind(resolver);
  resolver.getVariableName = (...local) => PARAMETERS[local[1]] ?? nameOf(...local);
  disassembler.nameResolver = resolver;
  disassembler.addOffsets = true;
  disassembler.disassembleChunk(reader());
  const { lines, offsets = [] } = disassembler.getResult();
  return lines.map((text, n) => ({ text: withField(text), at: offsets[n] ?? 0 }));
}
