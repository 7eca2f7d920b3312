// The link between regions: what a region tail-calls when it leaves for a known place. If the jump cache has a region for that
// place and mode, control goes straight there; else, or when the doorbell asks to stop or LEAVE to look around, back to the
// dispatcher.
//
// One function for all regions, in the interpreter's module, so that regions need no table of their own: every instance that
// imports a table makes each change of the table dearer (docs/decisions).

import * as L from '../abi/layout.ts';
import { Body, type FunctionBody } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';

/** Address of the jump-cache entry of code at linear address `pc`, less JC. */
function jumpCacheEntry(cpu: Value, pc: Value): Value {
  return cpu.add(
    pc
      .xor(pc.shrU(12))
      .and(L.JC_ENTRIES - 1)
      .shl(4),
  );
}

/** Zero if the entry is for `pc`, in the present mode and mapping. Code of user mode is never global. */
function unlikeKnown(body: Body, cpu: Value, entry: Value, pc: Value): Value {
  const key = body.keep(body.load(4, entry, L.JC + L.JC_KEY));
  const unlikeLocal = key.xor(body.load(4, cpu, L.JC_KEY_NOW));
  const unlikeGlobal = key.xor(body.load(4, cpu, L.JC_GLOBAL_KEY_NOW));
  const unlikeKey = body.select(body.keep(unlikeLocal), unlikeGlobal, body.i32(0));
  return body
    .load(4, entry, L.JC + L.JC_PC)
    .xor(pc)
    .or(unlikeKey);
}

/** Body of chain(cpu, linear address of the next instruction) → 0. `regionType` is the type index of a region's function. */
export function chainFunction(regionType: number): FunctionBody {
  const body = new Body([I32, I32]);
  const cpu = body.get(0);
  const pc = body.get(1);
  const stop = body
    .load(4, cpu, L.DOORBELL)
    .and(L.DOORBELL_STOP)
    .or(body.load(4, cpu, L.LEAVE))
    .or(body.load(4, cpu, L.BUDGET).shrS(31));
  body.if(stop.eqz(), () => {
    const first = body.keep(jumpCacheEntry(cpu, pc));
    // The CPU block lies on a multiple of 32, so that the second place of an entry differs in one bit.
    for (const entry of [first, body.keep(first.xor(L.JC_ENTRY_SIZE))])
      body.if(unlikeKnown(body, cpu, entry, pc).eqz(), () => {
        const region = body.keep(body.load(4, entry, L.JC + L.JC_REGION));
        const word = body.load(4, entry, L.JC + L.JC_TARGET);
        body.if(region, () => body.tailCallIndirect(regionType, region, cpu, region, word));
      });
  });
  body.i32(0).emit();
  return body.finish();
}
