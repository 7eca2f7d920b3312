// Every x87 instruction of the monitor, in its general form, against what a real processor did.

import { beforeAll, describe, expect, it } from 'vitest';
import { monitorBytes } from '../../scripts/build-monitor.ts';
import { failuresOf, x87Groups } from './compare.ts';
import { X87Machine } from './machine.ts';

let machine: X87Machine;

beforeAll(async () => {
  machine = new X87Machine(new WebAssembly.Module(await monitorBytes()));
});

describe("the monitor's x87 functions", () => {
  for (const group of x87Groups())
    it(group.name, () => {
      const outcomes = group.vectors.map((vector) => machine.run(group.opcode, group.modrm, vector));
      expect(failuresOf(group, outcomes)).toEqual([]);
    });
});
