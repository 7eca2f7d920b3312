// The link between regions: what a region tail-calls when it leaves for a known place. If the jump cache has a region for that
// place and mode, control goes straight there; else, or when the doorbell asks to stop, back to the dispatcher.
//
// One function for all regions, in the interpreter's module, so that regions need no table of their own: every instance that
// imports a table makes each change of the table dearer (docs/decisions).

import * as L from '../isa/layout.ts';
import { Body } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';

/** Body of chain(cpu, linear address of the next instruction) → 0. `regionType` is the type index of (i32) → i32. */
export function chainFunction(regionType: number): Uint8Array {
  const body = new Body([I32, I32]);
  const cpu = body.get(0);
  const pc = body.get(1);
  const entry = body.keep(
    cpu.add(
      pc
        .xor(pc.shrU(12))
        .and(L.JC_ENTRIES - 1)
        .shl(4),
    ),
  );
  const stop = body.load(4, cpu, L.DOORBELL).and(L.DOORBELL_STOP);
  const known = body
    .load(4, entry, L.JC + L.JC_PC)
    .eq(pc)
    .and(body.load(4, entry, L.JC + L.JC_KEY).eq(body.load(4, cpu, L.JC_KEY_NOW)));
  body.if(known.and(stop.eqz()).and(body.load(4, cpu, L.BUDGET).geS(0)), () => {
    const region = body.keep(body.load(4, entry, L.JC + L.JC_REGION));
    body.if(region, () => body.tailCallIndirect(regionType, region, cpu));
  });
  body.i32(0).emit();
  return body.finish();
}
