// Reads the outline of a WebAssembly binary (core specification §5.5), as far as a build needs it to hold a module to rules.

export interface WasmOutline {
  hasStart: boolean;
  hasElements: boolean;
  mutableGlobals: number;
  /** One past the last byte that the data segments place in memory. */
  dataEnd: number;
  /** Exported functions: name → signature, 'i' i32, 'l' i64, 'f' f32, 'd' f64, 's' v128; ':' before the result, 'v' none. */
  functions: Map<string, string>;
}

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, start: 8, element: 9, data: 11 };
const KIND_FUNCTION = 0;
const KIND_TABLE = 1;
const KIND_MEMORY = 2;
const OP_END = 0x0b;
const OP_I32_CONST = 0x41;
const VALUE_TYPES: Record<number, string> = { 127: 'i', 126: 'l', 125: 'f', 124: 'd', 123: 's' };

class Reader {
  offset = 8; // after magic and version
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    return this.bytes[this.offset++];
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  signed32(): number {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
    }
  }

  name(): string {
    const length = this.unsigned();
    this.offset += length;
    return new TextDecoder().decode(this.bytes.subarray(this.offset - length, this.offset));
  }

  list<T>(element: () => T): T[] {
    return Array.from({ length: this.unsigned() }, element);
  }

  limits(): void {
    const flags = this.byte();
    this.unsigned();
    if (flags & 1) this.unsigned();
  }
}

/** Throws on what it does not expect: globals and data segments that are not initialised by a plain i32 or i64 constant. */
export function outline(bytes: Uint8Array): WasmOutline {
  const reader = new Reader(bytes);
  const result: WasmOutline = {
    hasStart: false,
    hasElements: false,
    mutableGlobals: 0,
    dataEnd: 0,
    functions: new Map(),
  };
  let signatures: string[] = [];
  let functionTypes: number[] = [];
  while (reader.offset < bytes.length) {
    const id = reader.byte();
    const size = reader.unsigned();
    const end = reader.offset + size;
    if (id === SECTION.type) signatures = reader.list(() => signature(reader));
    else if (id === SECTION.import) functionTypes = reader.list(() => importedType(reader)).filter((type) => type >= 0);
    else if (id === SECTION.function) functionTypes.push(...reader.list(() => reader.unsigned()));
    else if (id === SECTION.global)
      result.mutableGlobals = reader.list(() => mutability(reader)).filter(Boolean).length;
    else if (id === SECTION.export) {
      for (const { name, kind, index } of reader.list(() => exported(reader))) {
        if (kind === KIND_FUNCTION) result.functions.set(name, signatures[functionTypes[index]]);
      }
    } else if (id === SECTION.start) result.hasStart = true;
    else if (id === SECTION.element) result.hasElements = reader.unsigned() > 0;
    else if (id === SECTION.data) result.dataEnd = Math.max(0, ...reader.list(() => segmentEnd(reader)));
    reader.offset = end;
  }
  return result;
}

function signature(reader: Reader): string {
  reader.byte(); // 0x60, function type
  const parameters = reader.list(() => VALUE_TYPES[reader.byte()]).join('');
  const results = reader.list(() => VALUE_TYPES[reader.byte()]).join('');
  return `${parameters}:${results || 'v'}`;
}

/** The type index of an imported function, -1 for other imports. */
function importedType(reader: Reader): number {
  reader.name();
  reader.name();
  const kind = reader.byte();
  if (kind === KIND_FUNCTION) return reader.unsigned();
  if (kind === KIND_TABLE || kind === KIND_MEMORY) {
    if (kind === KIND_TABLE) reader.byte();
    reader.limits();
  } else {
    reader.byte();
    reader.byte();
  }
  return -1;
}

function exported(reader: Reader): { name: string; kind: number; index: number } {
  return { name: reader.name(), kind: reader.byte(), index: reader.unsigned() };
}

function mutability(reader: Reader): boolean {
  reader.byte(); // value type
  const mutable = reader.byte() === 1;
  reader.byte(); // the constant's opcode
  while (reader.byte() >= 0x80); // its LEB128 value
  if (reader.byte() !== OP_END) throw new Error('a global is not initialised by an integer constant');
  return mutable;
}

function segmentEnd(reader: Reader): number {
  if (reader.unsigned() !== 0) throw new Error('a data segment is passive or of another memory');
  if (reader.byte() !== OP_I32_CONST) throw new Error('a data segment has no constant address');
  const address = reader.signed32();
  if (reader.byte() !== OP_END) throw new Error('a data segment has no constant address');
  const length = reader.unsigned();
  reader.offset += length;
  return address + length;
}
