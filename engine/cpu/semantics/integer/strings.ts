// String instructions: the monitor does as many iterations as it can; what is left keeps RIP at the instruction.

import type { MonitorFunction } from '../../abi/monitor-api.ts';
import { define } from '../../emitter/definitions.ts';

for (const name of ['MOVS', 'STOS', 'LODS', 'SCAS', 'CMPS', 'INS', 'OUTS'])
  for (const byte of [true, false])
    define(
      byte ? `${name}8` : name,
      { sized: !byte, address: true, repeat: true, flags: 'changes', mayFault: true },
      (e) => {
        const more = e.monitorValue(
          `string_${name.toLowerCase()}` as MonitorFunction,
          e.i32(byte ? 1 : e.instruction.operandSize),
          e.i32(e.instruction.addressSize),
          e.segmentOfStrings(),
          e.i32(e.instruction.repeat),
        );
        e.flagsFromBlock();
        e.again(more);
      },
    );
