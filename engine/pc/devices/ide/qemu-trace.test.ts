// Holds the controller and its drives against what QEMU 7.2's piix3-ide answered to the same port accesses (testing/record-qemu.ts).
import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from './testing/differences.ts';
import { IdeBench } from './testing/ide-bench.ts';
import trace from './testing/qemu-trace.json';
import { carryOut, type Target } from './testing/scenario.ts';
import { CD_IMAGE, DISK_IMAGE, SCENARIOS } from './testing/scenarios.ts';

/** A bench whose media answer at once; the places of its registers are set already, so accesses of configuration space are left out. */
function target(bench: IdeBench): Target {
  return {
    read(port, size) {
      const value = bench.in(port, size);
      bench.settle();
      return value;
    },
    write(port, size, value) {
      if (port >= 0xcf8 && port < 0xd00) return;
      bench.out(port, value, size);
      bench.settle();
    },
    load: (address, length) => bench.ram.bytes.slice(address, address + length),
    store: (address, bytes) => bench.ram.bytes.set(bytes, address),
    line: (irq) => bench.lines[irq === 14 ? 14 : 15].level,
  };
}

/** After power-on the first packet reports the reset, which QEMU's does not: it has been reported here. */
function benchWithoutAttention(): IdeBench {
  const bench = new IdeBench({ disk: DISK_IMAGE.slice(), cd: CD_IMAGE.slice() });
  const state = bench.cd.save();
  bench.cd.restore({ ...state, unit: { ...state.unit, attentions: [] } });
  return bench;
}

describe('QEMU 7.2 answers the same, with the differences that are named', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const ours = await carryOut(scenario, target(benchWithoutAttention()));
    const recorded: Record<string, string[]> = trace;
    const found = ours.flatMap((value, at) =>
      value === recorded[scenario.name]![at] ? [] : [{ at, qemu: recorded[scenario.name]![at], ours: value }],
    );
    const named = DIFFERENCES.flatMap(({ places }) => places[scenario.name] ?? []);
    expect(found).toEqual(named.toSorted((a, b) => a.at - b.at));
  });
});

test('every difference is of a scenario that there is', () => {
  const names = new Set(SCENARIOS.map(({ name }) => name));
  expect(DIFFERENCES.flatMap(({ places }) => Object.keys(places)).filter((name) => !names.has(name))).toEqual([]);
});
