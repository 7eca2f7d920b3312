// The controller, the keyboard and the mouse against QEMU's: testing/scenarios.txt.

import { expect, test } from 'vitest';
import { recordedLine, TestBench } from '../testing/test-bench.ts';
import { KeyboardController } from './i8042.ts';
import { play, readScenarios, type ScenarioMachine } from './testing/scenarios.ts';

/** ns: longer than a byte takes and than the slowest sample rate here; no key repeats before all has been read. */
const PAUSE = 26e6;
/** QEMU always has it set. */
const LAST_WAS_COMMAND = 0x08;
const STATUS_PORT = 0x64;

function machine(): ScenarioMachine {
  const bench = new TestBench();
  const lines = new Map([1, 12].map((number) => [number, recordedLine()]));
  const gate = { enabled: true, set: (enabled: boolean) => Object.assign(gate, { enabled }) };
  const controller = new KeyboardController({
    ...{ clock: bench.clock, irq: lines.get(1)!, auxIrq: lines.get(12)!, a20: gate, setUp: false },
    reset: () => {},
    inputChanged: () => {},
  });
  controller.attach(bench.ports);
  controller.reset();
  const pause = () => bench.advance(PAUSE);
  bench.out(STATUS_PORT, 0x60);
  bench.out(0x60, 0);
  return {
    read(port) {
      pause();
      return port === STATUS_PORT ? bench.in(port) | LAST_WAS_COMMAND : bench.in(port);
    },
    write(port, value) {
      pause();
      bench.out(port, value);
    },
    lines() {
      pause();
      return [...lines].filter(([, { level }]) => level).map(([number]) => number);
    },
    key: (code, pressed) => controller.keyboard.key(code, pressed),
    pointer(input) {
      pause();
      controller.mouse.move(input);
    },
  };
}

test.each(readScenarios())('$name', async ({ steps }) => {
  expect(await play(machine(), steps)).toEqual(steps);
});
