// A machine that calls functions of the test's, with a translator that answers when the test says so.

import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import type { EngineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';
import { SlowTranslator } from './slow-translator.ts';

const MAIN = 0x1000;
const STACK = 0x9000;
/** Of guest RAM. */
const PAGES = 128;

/** ADD EAX, value; RET */
export const adds = (value: number): number[] => [0x05, ...le32(value), 0xc3];

export class FunctionCaller {
  readonly translator = new SlowTranslator();
  readonly clock = { ms: 0 };
  readonly machine: BareMachine;
  constructor({ monitor, interpreter }: EngineModules) {
    const { translator } = this;
    const options = { translator, now: () => this.clock.ms };
    this.machine = new BareMachine(monitor, interpreter, { translate: 'hot' }, PAGES, options);
  }

  /** Calls the function at `target` so many times; returns what EAX, 0 before, is then. */
  readonly call = (target: number, times: number): number => {
    const { machine } = this;
    const loop = MAIN + 5;
    // MOV ECX, times; loop: CALL target; DEC ECX; JNZ loop; HLT. Its own page, so that no region but the function's is new.
    const call = [0xe8, ...le32(target - (loop + 5))];
    machine.poke(MAIN, [0xb9, ...le32(times), ...call, 0x49, 0x0f, 0x85, ...le32(-12), 0xf4]);
    machine.executor.invalidateCode(MAIN, 32);
    machine.setRegister(L.RSP, STACK);
    machine.setRegister(L.RAX, 0);
    machine.run(MAIN);
    return machine.register(L.RAX);
  };
}
