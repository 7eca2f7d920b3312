import { expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from '../testing/bare-machine.ts';
import { engineModules } from '../testing/engine-modules.ts';

const CODE = 0x1000;
/** inc ebx, three times; lldt ax, which is left to the interpreter; inc ecx, five times; hlt; jmp $. */
const LINE = [0x43, 0x43, 0x43, 0x0f, 0x00, 0xd0, 0x41, 0x41, 0x41, 0x41, 0x41, 0xf4, 0xeb, 0xfe];

it('a region made in the middle of another goes on in that one as soon as it can be entered', async () => {
  const { monitor, interpreter } = await engineModules();
  const machine = new BareMachine(monitor, interpreter, { translate: 'always' });
  machine.poke(CODE, LINE);
  const instructions = (): Record<string, number> =>
    Object.fromEntries(machine.executor.regions(10).regions.map((region) => [region.linear, region.instructions]));
  machine.run(CODE);
  expect(instructions()).toEqual({ [CODE]: 9 });
  machine.run(CODE + 1);
  expect(instructions()).toEqual({ [CODE]: 9, [CODE + 1]: 2 });
  expect([machine.register(L.RBX), machine.register(L.RCX)]).toEqual([3 + 2, 5 + 5]);
});
