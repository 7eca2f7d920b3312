import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import {
  DOORBELL_INTR,
  EXIT_FPU_ERROR,
  EXIT_HALT,
  EXIT_PAGE,
  EXIT_SHUTDOWN,
  EXIT_SLICE,
  EXIT_STOP,
  N_BUSY_NS,
  N_TURNS,
  RUN_HALTED,
  RUN_STATE,
  SYSFLAGS,
} from '../../cpu/abi/layout.ts';
import { GuestClock } from '../../pc/bus/clock.ts';
import { Transfers } from '../../pc/bus/transfers.ts';
import { GuestRam } from '../../pc/devices/virtio/testing/guest-ram.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { requestShootdown, ShootdownResponder } from '../shared/shootdown.ts';
import { ScriptedExecutor, type Step } from '../testing/scripted-executor.ts';
import { virtualTimePorts } from '../testing/virtual-time-ports.ts';
import { RunLoop } from './run-loop.ts';

const CPU = 0x10000;
let time: VirtualTime;
let running: RunLoop | undefined;
beforeEach(() => {
  time = new VirtualTime();
});
afterEach(() => running?.stop());

function setUp() {
  const ports = virtualTimePorts(time);
  const { memory } = new MachineMemory(1);
  const executor = new ScriptedExecutor(memory, CPU);
  const clock = new GuestClock(ports);
  clock.resume();
  const doorbell = new Doorbell(memory, CPU);
  const events: string[] = [];
  const wanted = { allCame: false, beginSlice: () => {} };
  const ram = new GuestRam(4096);
  const outside = { poll() {} };
  const transfers = new Transfers(ram, () => loop.transferRequested());
  const loop: RunLoop = new RunLoop({
    ...ports,
    executor,
    clock,
    transfers,
    doorbell,
    shootdown: new ShootdownResponder(memory, CPU),
    wanted,
    poll: () => outside.poll(),
    endOfTurn: () => events.push('end of turn'),
    onFpuError: () => events.push('x87 error'),
    onHaltedForGood: () => events.push('halted for good'),
    onShutdown: () => events.push('shutdown'),
    onFailure: ({ message }) => events.push(message),
  });
  running = loop;
  const runs = () => executor.calls.filter((call) => call === 'run').length;
  return { memory, executor, clock, doorbell, wanted, events, loop, outside, ram, runs, transfers };
}

describe('RunLoop', () => {
  it('waits for a page, lets timers pass meanwhile, and goes on when the doorbell says that it is there', async () => {
    const { executor, clock, doorbell, wanted, events, loop, runs } = setUp();
    executor.script.push(
      () => EXIT_PAGE,
      () => EXIT_PAGE,
      () => EXIT_HALT,
    );
    let fired = 0;
    clock.schedule(clock.now() + 100e6, () => fired++);
    loop.start();
    await time.pass(90);
    expect([runs(), fired]).toEqual([1, 0]);
    await time.pass(20);
    expect([runs(), fired]).toEqual([2, 1]);
    await time.pass(1000);
    expect(runs()).toBe(2);
    wanted.allCame = true;
    doorbell.requestStop();
    await time.pass(5);
    expect(runs()).toBe(3);
    expect(events.filter((event) => event !== 'end of turn')).toEqual([]);
  });

  it('goes on at once when the page came while the CPU was being left', async () => {
    const { executor, wanted, loop, runs } = setUp();
    executor.script.push(
      () => {
        wanted.allCame = true;
        return EXIT_PAGE;
      },
      () => EXIT_HALT,
    );
    loop.start();
    await time.pass(1);
    expect(runs()).toBe(2);
  });

  it('fails when no page comes for half a minute', async () => {
    const { executor, events, loop } = setUp();
    for (let n = 0; n < 10; n++) executor.script.push(() => EXIT_PAGE);
    loop.start();
    await time.pass(29_000);
    expect(events.filter((event) => event !== 'end of turn')).toEqual([]);
    await time.pass(2000);
    expect(events.at(-1)).toBe('the engine failed, while the CPU waited for memory (no page has come for 30 s)');
    expect(loop.running).toBe(false);
  });

  it('sleeps while the CPU is halted and wakes for the guest’s next timer', async () => {
    const { executor, clock, loop, runs } = setUp();
    let firedAt = 0;
    clock.schedule(clock.now() + 250e6, () => {
      firedAt = time.now();
    });
    const start = time.now();
    loop.start();
    await time.pass(249);
    expect(runs()).toBe(1);
    await time.until(() => runs() === 2);
    expect(firedAt - start).toBeCloseTo(250);
    expect(executor.calls.filter((call) => call !== 'run')).toEqual([]);
  });

  it('runs on at once when an x87 error has raised its interrupt, and sleeps while that is masked', async () => {
    const { memory, executor, doorbell, events, loop, runs } = setUp();
    new CpuBlock(memory, CPU).setU32(SYSFLAGS, 0x202);
    executor.script.push(
      () => EXIT_FPU_ERROR,
      () => {
        doorbell.setInterrupt(true);
        return EXIT_FPU_ERROR;
      },
      () => {
        doorbell.setInterrupt(false);
        return EXIT_HALT;
      },
    );
    loop.start();
    await time.pass(1000);
    expect(runs()).toBe(1);
    expect(events).toContain('x87 error');
    doorbell.requestStop();
    await time.pass(0);
    expect(runs()).toBe(3);
    expect(events).not.toContain('halted for good');
  });

  it('says that a CPU stands for good at an x87 error with interrupts off', async () => {
    const { memory, executor, events, loop, runs } = setUp();
    new CpuBlock(memory, CPU).setU32(SYSFLAGS, 0x2);
    executor.script.push(() => EXIT_FPU_ERROR);
    loop.start();
    await time.pass(5000);
    expect(events).toContain('halted for good');
    expect(runs()).toBe(1);
  });

  it('says once that a CPU has halted with interrupts off, and runs nothing for its timers', async () => {
    const { memory, executor, clock, doorbell, events, loop, runs } = setUp();
    const block = new CpuBlock(memory, CPU);
    const tick = () => clock.schedule(clock.now() + 1e6, tick);
    tick();
    executor.script.push(() => {
      block.setU32(RUN_STATE, RUN_HALTED);
      block.setU32(SYSFLAGS, 0x2);
      clock.schedule(clock.now(), () => {});
      return EXIT_HALT;
    });
    loop.start();
    const said = () => events.filter((event) => event === 'halted for good').length;
    await time.until(() => said() === 1);
    await time.pass(2000);
    expect(runs()).toBe(1);
    doorbell.requestStop(); // as a migration does
    await time.pass(0);
    expect(runs()).toBe(2);
    await time.pass(2000);
    expect(said()).toBe(1);
    loop.stop();
    loop.start();
    await time.until(() => said() === 2);
  });

  it('does not say so of one that waits for interrupts', async () => {
    const { memory, executor, clock, events, loop, runs } = setUp();
    const block = new CpuBlock(memory, CPU);
    const tick = () => clock.schedule(clock.now() + 1e6, tick);
    tick();
    executor.script.push(() => {
      block.setU32(RUN_STATE, RUN_HALTED);
      block.setU32(SYSFLAGS, 0x202);
      return EXIT_HALT;
    });
    loop.start();
    await time.until(() => runs() > 2);
    expect(events).not.toContain('halted for good');
  });

  it('lets the timers of an idle guest be as late as they tolerate, and not of one that was just at work', async () => {
    const { executor, clock, doorbell, loop } = setUp();
    vi.spyOn(executor, 'run').mockReturnValue(EXIT_HALT); // and hardly an instruction
    const lateness: number[] = [];
    const tick = () => clock.schedule(clock.now() + 5e6, fired, 40e6);
    const fired = () => {
      lateness.push((clock.now() - due) / 1e6);
      due = clock.now() + 5e6;
      tick();
    };
    let due = clock.now() + 5e6;
    tick();
    loop.start();
    await time.pass(300);
    expect(Math.max(...lateness)).toBeLessThan(0.01);
    expect(lateness.length).toBeGreaterThanOrEqual(59);
    await time.pass(2000);
    lateness.length = 0;
    await time.pass(300);
    expect(Math.min(...lateness)).toBeCloseTo(40);
    lateness.length = 0;
    doorbell.requestStop();
    await time.pass(200);
    expect(lateness.length).toBeGreaterThanOrEqual(39);
  });

  it('wakes at once when an interrupt line rises', async () => {
    const { doorbell, loop, runs } = setUp();
    loop.start();
    await time.pass(10);
    expect(runs()).toBe(1);
    doorbell.setInterrupt(true);
    await time.pass(0);
    expect(runs()).toBe(2);
    expect(doorbell.value & DOORBELL_INTR).toBe(DOORBELL_INTR);
  });

  it('runs on when a due timer raised an interrupt in the moment of halting', async () => {
    const { executor, clock, doorbell, loop, runs } = setUp();
    executor.script.push(() => {
      clock.schedule(clock.now(), () => doorbell.setInterrupt(true));
      return EXIT_HALT;
    });
    loop.start();
    await time.pass(0);
    expect(runs()).toBe(2);
  });

  it('returns to the event loop while the guest is busy', async () => {
    const { executor, loop, runs } = setUp();
    const steps = 200;
    for (let i = 0; i < steps; i++) {
      executor.script.push(() => {
        time.spend(2);
        return EXIT_SLICE;
      });
    }
    loop.start();
    await time.pass(1);
    // A turn of 5 ms.
    expect(runs()).toBe(3);
    loop.stop();
    await time.pass(20);
    expect(runs()).toBe(3);
  });

  it('ends the slice for a timer that the guest sets in the middle of it', async () => {
    const { executor, clock, doorbell, loop } = setUp();
    const order: string[] = [];
    executor.script.push(
      () => {
        clock.schedule(clock.now() + 100_000, () => order.push('timer'));
        loop.timersChanged();
        expect(doorbell.value).not.toBe(0);
        time.spend(0.3);
        return EXIT_STOP;
      },
      () => {
        order.push('next slice');
        return EXIT_HALT;
      },
    );
    loop.start();
    await time.pass(0);
    expect(order).toEqual(['timer', 'next slice']);
    expect(doorbell.value).toBe(0);
  });

  it('ends the slice for a transfer, does it, and goes on in the same turn', async () => {
    const { executor, doorbell, events, loop, transfers } = setUp();
    const order: string[] = [];
    const transfer = () => order.push('transfer');
    executor.script.push(
      () => {
        transfers.request(transfer);
        order.push(doorbell.value === 0 ? 'goes on' : 'stops');
        return EXIT_STOP;
      },
      () => {
        order.push(`next slice, ${events.length} turns over`);
        return EXIT_HALT;
      },
    );
    loop.start();
    await time.pass(0);
    expect(order).toEqual(['stops', 'transfer', 'next slice, 0 turns over']);
    expect(doorbell.value).toBe(0);
  });

  it('does a transfer at once when the CPU halts right after asking for it', async () => {
    const { executor, events, loop, transfers } = setUp();
    const turns: number[] = [];
    executor.script.push(() => {
      transfers.request(() => turns.push(events.length));
      return EXIT_HALT;
    });
    loop.start();
    await time.pass(0);
    expect(turns).toEqual([0]);
  });

  it('does what timers and arrived frames ask for at the same safe point, without ringing', async () => {
    const { executor, clock, doorbell, loop, outside, transfers } = setUp();
    const seen: number[] = [];
    outside.poll = () => {
      outside.poll = () => {};
      transfers.request(() => seen.push(doorbell.value));
    };
    clock.schedule(clock.now(), () => transfers.request(() => seen.push(doorbell.value)));
    executor.script.push(() => {
      seen.push(doorbell.value);
      return EXIT_HALT;
    });
    loop.start();
    await time.pass(0);
    expect(seen).toEqual([0, 0, 0]);
  });

  it('wakes a halted CPU’s loop for a transfer, and for the page that one waits for', async () => {
    const { doorbell, loop, ram, runs, transfers } = setUp();
    loop.start();
    await time.pass(10);
    ram.absent.add(0);
    let done = 0;
    transfers.request(() => {
      transfers.memory.write(0, Uint8Array.of(1));
      done++;
    });
    await time.pass(1000);
    expect([runs(), done, transfers.awaited]).toEqual([2, 0, [0]]);
    ram.absent.clear();
    doorbell.requestStop();
    await time.pass(0);
    expect([done, transfers.awaited]).toEqual([1, []]);
  });

  it('does what transfers ask for while they run at the next safe point, at once', async () => {
    const { executor, doorbell, loop, transfers } = setUp();
    const order: string[] = [];
    const transfer = () => {
      order.push('transfer');
      if (order.length < 6) transfers.request(transfer);
    };
    const step: Step = () => {
      order.push(doorbell.value === 0 ? 'guest runs' : 'guest stops');
      return EXIT_STOP;
    };
    transfers.request(transfer);
    executor.script.push(step, step, step);
    loop.start();
    await time.pass(0);
    const again = ['transfer', 'guest stops'];
    expect(order).toEqual([...again, ...again, ...again, 'transfer']);
  });

  it('does not end the slice for a timer that is later than the one it runs to', async () => {
    const { executor, clock, doorbell, loop } = setUp();
    clock.schedule(clock.now() + 1e6, () => {});
    const bells: number[] = [];
    executor.script.push(() => {
      clock.schedule(clock.now() + 50e6, () => {});
      loop.timersChanged();
      bells.push(doorbell.value);
      return EXIT_HALT;
    });
    loop.start();
    await time.pass(0);
    expect(bells).toEqual([0]);
  });

  it('gives a run no more instructions than fit before the next timer', async () => {
    const { executor, clock, loop } = setUp();
    const speed = 1000;
    const step: Step = (_host, budget) => {
      time.spend(budget / speed);
      return EXIT_SLICE;
    };
    const last: Step = (host, budget) => {
      const reason = step(host, budget);
      clock.schedule(clock.now() + 1.5e6, () => {});
      return reason;
    };
    executor.script.push(...Array.from({ length: 40 }, () => step), last);
    loop.start();
    await time.until(() => executor.budgets.length > 41);
    expect(executor.budgets[40]).toBeGreaterThan(1.5 * speed);
    expect(executor.budgets[41]).toBeCloseTo(1.5 * speed, -1);
  });

  it('answers a shootdown while busy and while halted', async () => {
    const { memory, executor, loop } = setUp();
    executor.script.push(() => {
      time.spend(1);
      return EXIT_STOP;
    });
    loop.start();
    await time.wait(requestShootdown(memory, CPU, time));
    await time.pass(15);
    await time.wait(requestShootdown(memory, CPU, time), 0);
    expect(executor.calls.filter((call) => call === 'reconcile')).toHaveLength(2);
  });

  it('stops for good: no run, no write tags, pending shootdowns answered', async () => {
    const { memory, executor, clock, loop, runs } = setUp();
    clock.schedule(clock.now() + 10e6, () => {});
    loop.start();
    await time.pass(5);
    const answered = requestShootdown(memory, CPU, time);
    loop.stop();
    await answered;
    expect(executor.calls.at(-1)).toBe('withdrawWrites');
    const before = runs();
    await time.pass(30);
    expect(runs()).toBe(before);
    loop.start();
    await time.pass(0);
    expect(runs()).toBe(before + 1);
  });

  it('stops for a device at the safe point, then tells it', async () => {
    const { executor, loop, events, runs } = setUp();
    executor.script.push(() => {
      loop.stopSoon(() => events.push('powered off'));
      return EXIT_STOP;
    });
    loop.start();
    await time.pass(1000);
    expect(events).toContain('powered off');
    expect(loop.running).toBe(false);
    expect(runs()).toBe(1);
  });

  it('reports a shutdown and an engine that throws, and does not go on', async () => {
    const endings: [Step, string][] = [
      [() => EXIT_SHUTDOWN, 'shutdown'],
      [
        () => {
          throw new Error('unreachable');
        },
        'the engine failed, while running guest code (Error: unreachable)',
      ],
    ];
    for (const [step, event] of endings) {
      const { executor, loop, events, runs } = setUp();
      executor.script.push(step);
      loop.start();
      await time.pass(1000);
      expect(events).toContain(event);
      expect(runs()).toBe(1);
      expect(loop.running).toBe(false);
    }
  });

  it('stops, says what it was doing and answers shootdowns, wherever it fails', async () => {
    const fails = (): never => {
      throw new TypeError('x is undefined');
    };
    const places: [string, (vm: ReturnType<typeof setUp>) => void][] = [
      ['while its devices were served', ({ clock }) => clock.schedule(clock.now(), fails)],
      [
        'while the CPU was halted',
        ({ executor, clock }) =>
          executor.script.push(() => {
            clock.nextDeadline = fails;
            return EXIT_HALT;
          }),
      ],
    ];
    for (const [circumstance, prepare] of places) {
      const vm = setUp();
      prepare(vm);
      vm.loop.start();
      const answered = requestShootdown(vm.memory, CPU, time);
      await time.until(() => vm.events.includes(`the engine failed, ${circumstance} (TypeError: x is undefined)`));
      await answered;
      expect(vm.loop.running).toBe(false);
      expect(new CpuBlock(vm.memory, CPU).counter(N_TURNS) % 2).toBe(0);
    }
  });

  it('accounts the time that the CPU ran, not the time it slept', async () => {
    const { memory, executor, loop } = setUp();
    executor.script.push(() => {
      time.spend(10);
      return EXIT_HALT;
    });
    loop.start();
    await time.pass(300);
    expect(new CpuBlock(memory, CPU).counter(N_BUSY_NS)).toBe(10e6);
  });
});
