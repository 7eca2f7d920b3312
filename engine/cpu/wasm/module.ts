// Builds one WebAssembly module: types, imports, functions, exports, table elements. Functions are given as finished
// bodies (see body.ts). Imports of functions must be declared before the first function is defined.

import type { BranchHint, FunctionBody } from './body.ts';
import { ByteWriter, I32, I64, V128, type ValueType } from './encoding.ts';

export interface Signature {
  parameters: readonly ValueType[];
  results: readonly ValueType[];
}

/** 'ii:l' → (i32, i32) → i64; 's' is v128. 'v' after the colon: no result. */
export function signature(text: string): Signature {
  const type = (letter: string): ValueType => {
    if (letter === 'i') return I32;
    if (letter === 'l') return I64;
    if (letter === 's') return V128;
    throw new Error(`unknown type letter '${letter}' in signature '${text}'`);
  };
  const [parameters = '', result = 'v'] = text.split(':');
  return { parameters: [...parameters].map(type), results: result === 'v' ? [] : [type(result)] };
}

export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #typeBytes = new ByteWriter();
  readonly #imports = new ByteWriter();
  #importCount = 0;
  #importedFunctions = 0;
  readonly #functionTypes: number[] = [];
  readonly #bodies = new ByteWriter(4096);
  readonly #exports = new ByteWriter();
  #exportCount = 0;
  readonly #elements: { offset: number; functions: number[] }[] = [];
  #hintedFunctions = 0;
  readonly #hints = new ByteWriter();
  readonly #custom: { name: string; content: Uint8Array }[] = [];

  typeIndex(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const index = this.#types.size;
    this.#types.set(key, index);
    this.#typeBytes.u8(0x60);
    this.#typeBytes.u32(parameters.length);
    for (const type of parameters) this.#typeBytes.u8(type);
    this.#typeBytes.u32(results.length);
    for (const type of results) this.#typeBytes.u8(type);
    return index;
  }

  #import(module: string, name: string, kind: number): void {
    this.#imports.name(module);
    this.#imports.name(name);
    this.#imports.u8(kind);
    this.#importCount++;
  }

  /** A shared memory, at most `maximumPages` of 64 KiB. */
  importMemory(module: string, name: string, maximumPages: number): void {
    this.#import(module, name, 2);
    this.#imports.u8(3);
    this.#imports.u32(1);
    this.#imports.u32(maximumPages);
  }

  importTable(module: string, name: string): void {
    this.#import(module, name, 1);
    this.#imports.u8(0x70);
    this.#imports.u8(0);
    this.#imports.u32(0);
  }

  importFunction(module: string, name: string, type: Signature): number {
    if (this.#functionTypes.length > 0) throw new Error('imports come before functions');
    this.#import(module, name, 0);
    this.#imports.u32(this.typeIndex(type.parameters, type.results));
    return this.#importedFunctions++;
  }

  /** Returns the function index. */
  addFunction(typeIndex: number, { code, hints }: FunctionBody): number {
    const index = this.#importedFunctions + this.#functionTypes.length;
    this.#functionTypes.push(typeIndex);
    this.#bodies.u32(code.length);
    this.#bodies.raw(code);
    if (hints.length > 0) this.#addHints(index, hints);
    return index;
  }

  /** As the branch hinting proposal has it: function by function, offset, length and value of each hint. */
  #addHints(index: number, hints: readonly BranchHint[]): void {
    this.#hintedFunctions++;
    this.#hints.u32(index);
    this.#hints.u32(hints.length);
    for (const { offset, likely } of hints) {
      this.#hints.u32(offset);
      this.#hints.u8(1);
      this.#hints.u8(likely ? 1 : 0);
    }
  }

  exportFunction(name: string, index: number): void {
    this.#exports.name(name);
    this.#exports.u8(0);
    this.#exports.u32(index);
    this.#exportCount++;
  }

  /** An active element segment of table 0. */
  addElements(offset: number, functions: number[]): void {
    this.#elements.push({ offset, functions });
  }

  addCustomSection(name: string, content: Uint8Array): void {
    this.#custom.push({ name, content });
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(this.#bodies.length + 1024);
    out.raw(new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]));
    const section = (id: number, count: number, fill: (writer: ByteWriter) => void): void => {
      if (count === 0) return;
      const content = new ByteWriter();
      content.u32(count);
      fill(content);
      out.u8(id);
      out.u32(content.length);
      out.raw(content.view());
    };
    section(1, this.#types.size, (w) => w.raw(this.#typeBytes.view()));
    section(2, this.#importCount, (w) => w.raw(this.#imports.view()));
    section(3, this.#functionTypes.length, (w) => {
      for (const type of this.#functionTypes) w.u32(type);
    });
    section(7, this.#exportCount, (w) => w.raw(this.#exports.view()));
    section(9, this.#elements.length, (w) => {
      for (const { offset, functions } of this.#elements) {
        w.u32(0);
        w.u8(0x41);
        w.s32(offset);
        w.u8(0x0b);
        w.u32(functions.length);
        for (const index of functions) w.u32(index);
      }
    });
    const custom = (name: string, fill: (writer: ByteWriter) => void): void => {
      const section = new ByteWriter();
      section.name(name);
      fill(section);
      out.u8(0);
      out.u32(section.length);
      out.raw(section.view());
    };
    if (this.#hintedFunctions > 0)
      custom('metadata.code.branch_hint', (w) => {
        w.u32(this.#hintedFunctions);
        w.raw(this.#hints.view());
      });
    section(10, this.#functionTypes.length, (w) => w.raw(this.#bodies.view()));
    for (const { name, content } of this.#custom) custom(name, (w) => w.raw(content));
    return out.view().slice();
  }
}
