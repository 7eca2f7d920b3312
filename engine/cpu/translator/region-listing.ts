// A region rebuilt for inspection: its instructions, and the WebAssembly with a note of which instruction each
// piece was emitted for.
//
// A value is emitted where it is used, so what computes an address or a flag may stand with a later instruction than the one
// it belongs to; what ends a block stands with the block's last instruction.

import type { LockedAccess } from '../emitter/memory-access.ts';
import type { Decoder } from '../isa/decoder.ts';
import type { FunctionBody } from '../wasm/body.ts';
import type { AddressState } from './address-groups.ts';
import { translateRegion } from './region-builder.ts';
import { RegionEmitter } from './region-emitter.ts';
import type { Block, CodeSource, PlacedInstruction, RegionGraph } from './region-graph.ts';

/** From byte `at` of the module on, up to the next mark. */
export interface Mark {
  at: number;
  /** Of the instruction; undefined: what belongs to none, as the ways out of the region. */
  offset: number | undefined;
}

export interface RegionListing {
  graph: RegionGraph;
  /** The module. */
  bytes: Uint8Array<ArrayBuffer>;
  /** In the order of the module. */
  marks: Mark[];
}

class WatchedEmitter extends RegionEmitter {
  readonly marks: Mark[] = [];
  /** Bytes of the function's code, without its locals and its end. */
  codeLength = 0;

  #mark(offset: number | undefined): void {
    this.marks.push({ at: this.body.code.length, offset });
  }

  override region(emitBody: () => void): FunctionBody {
    this.#mark(undefined);
    const finished = super.region(() => {
      emitBody();
      this.#mark(undefined);
    });
    this.codeLength = this.body.code.length;
    return finished;
  }

  override startBlock(block: Block, addresses: AddressState | undefined): void {
    this.#mark(block.instructions[0]?.offset);
    super.startBlock(block, addresses);
  }

  override emitInstruction(placed: PlacedInstruction, left: number): void {
    this.#mark(placed.offset);
    super.emitInstruction(placed, left);
  }
}

/** The region that `source`, answering as it did then, makes of the code at offset `entry`. */
export function listRegion(
  decoder: Decoder,
  source: CodeSource,
  entry: number,
  mode: number,
  locked: LockedAccess = 'plain',
): RegionListing | undefined {
  let emitter: WatchedEmitter | undefined;
  const translated = translateRegion(decoder, source, entry, mode, (functions, chain) => {
    emitter = new WatchedEmitter(functions, chain, mode, locked);
    return emitter;
  });
  if (!translated || !emitter) return undefined;
  const { graph, bytes } = translated;
  // The function is the module's last part; its end takes one byte.
  const start = bytes.length - 1 - emitter.codeLength;
  return { graph, bytes, marks: emitter.marks.map(({ at, offset }) => ({ at: start + at, offset })) };
}
