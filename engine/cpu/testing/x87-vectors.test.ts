// The x87 instructions of both backends, common case and general, against what a real processor did (vectors/x87/README.md).

import { beforeAll, describe, expect, it } from 'vitest';
import { failuresOf, type X87Group, x87Groups } from '../../../vectors/x87/compare.ts';
import { rowOf } from '../../../vectors/x87/machine.ts';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { LOOP_PAGES, runVectorLoop } from './x87-vector-loop.ts';

const groups = x87Groups();
let interpreting: BareMachine;
let translating: BareMachine;

beforeAll(async () => {
  const { monitor, interpreter } = await engineModules();
  interpreting = new BareMachine(monitor, interpreter, { translate: 'never' }, LOOP_PAGES);
  translating = new BareMachine(monitor, interpreter, { translate: 'always', general: true }, LOOP_PAGES);
});

/** ST(3) is empty in most vectors, or else no register is free: nearly all are exceptions. */
function isRare({ opcode, modrm }: X87Group): boolean {
  return rowOf(opcode, modrm).args.includes('i') && (modrm & 7) === 3;
}

describe('x87 vectors of a real CPU', () => {
  for (const group of groups) {
    it(`${group.name}: interpreter`, () => {
      expect(failuresOf(group, runVectorLoop(interpreting, group))).toEqual([]);
    });

    it(`${group.name}: translator`, () => {
      const exits = translating.counter(L.N_COLD_EXITS);
      expect(failuresOf(group, runVectorLoop(translating, group))).toEqual([]);
      // The interpreter is not what has been tested
      if (!isRare(group)) expect(translating.counter(L.N_COLD_EXITS) - exits).toBeLessThan(group.vectors.length / 2);
    });
  }
});
