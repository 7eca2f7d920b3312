import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestClock } from './clock.ts';
import { StateError } from './device.ts';

/** A worker of its own: its monotonic clock is `ms`, the machine's time of day is shared. */
function manual(wall = { ms: Date.UTC(2026, 10, 29) }, ms = 1000) {
  const host = { ms };
  const stops: number[] = [];
  const clock = new GuestClock({
    hostNow: () => host.ms,
    wallClock: () => wall.ms,
    stoodStill: (stop) => stops.push(stop),
  });
  const pass = (passed: number) => {
    host.ms += passed;
    wall.ms += passed;
  };
  return { host, wall, clock, stops, pass };
}

/** A run loop at work: looks and runs timers every ms. */
function run({ pass, clock }: ReturnType<typeof manual>, ms: number): void {
  for (let n = 0; n < ms; n++) {
    pass(1);
    clock.runDue();
  }
}

test('stands still until it is started', () => {
  const { pass, clock } = manual();
  pass(5);
  expect(clock.now()).toBe(0);
  clock.resume();
  pass(2.5);
  expect(clock.now()).toBe(2_500_000);
});

test('stands still while it is paused, and goes forward over the pause afterwards', () => {
  const { pass, clock, stops } = manual();
  clock.resume();
  pass(2.5);
  clock.pause();
  pass(100);
  expect(clock.now()).toBe(2_500_000);
  clock.resume();
  expect(clock.now()).toBe(102_500_000);
  pass(1);
  expect(clock.now()).toBe(103_500_000);
  expect(stops).toEqual([]);
});

test('goes forward over a stop of 5 s in steps that the guest can follow, and over no longer one', () => {
  const bench = manual();
  const { clock, pass, stops } = bench;
  clock.resume();
  clock.pause();
  pass(5000);
  clock.resume();
  let before = clock.now();
  let steps = 0;
  for (let n = 0; n < 200; n++) {
    run(bench, 1);
    const step = clock.now() - before;
    expect(step).toBeLessThanOrEqual(1001e6);
    if (step > 2e6) steps++;
    before = clock.now();
  }
  expect(steps).toBe(4);
  expect(clock.now()).toBe(5200e6);
  expect(stops).toEqual([]);

  clock.pause();
  pass(5001);
  clock.resume();
  run(bench, 200);
  expect(clock.now()).toBe(5400e6);
  expect(stops).toEqual([5001]);
});

test('wakes a halted guest for the steps that are left', () => {
  const bench = manual();
  const { clock, pass } = bench;
  clock.resume();
  clock.schedule(4e9, () => {});
  pass(3500);
  expect(clock.now()).toBe(1000e6);
  expect(clock.nextDeadline()).toBe(1020e6);
  expect(clock.nextIdleDeadline()).toBe(1020e6);
  run(bench, 100);
  expect(clock.nextDeadline()).toBe(4e9);
});

test('a worker that gets no turn is a stop too', () => {
  const bench = manual();
  bench.clock.resume();
  run(bench, 10);
  bench.pass(3000);
  run(bench, 100);
  expect(bench.clock.now()).toBe(3110e6);
  bench.pass(60_000);
  run(bench, 100);
  expect(bench.clock.now()).toBe(3209e6);
  expect(bench.stops).toEqual([60_001]);
});

test('a reset of the machine is no stop', () => {
  const { clock, pass, stops } = manual();
  clock.resume();
  pass(10);
  clock.pause();
  pass(8000);
  clock.forgetPause();
  clock.resume();
  expect(clock.now()).toBe(10e6);
  expect(stops).toEqual([]);
});

/** Hands the clock over to a worker whose monotonic clock began at another time. */
function move(from: ReturnType<typeof manual>, stopMs: number, hostMs: number) {
  from.clock.pause();
  const state = structuredClone(from.clock.save());
  const to = manual(from.wall, hostMs);
  to.pass(stopMs / 2);
  to.clock.restore(state);
  expect(to.clock.running).toBe(false);
  to.pass(stopMs / 2);
  to.clock.resume();
  return to;
}

test('goes on at the right time on another host, whose own clock is elsewhere', () => {
  const source = manual();
  source.clock.resume();
  source.pass(42);
  const target = move(source, 50, 7);
  target.pass(1);
  expect(target.clock.now()).toBe(93_000_000);
});

test('stands still over a long way to another host, which is told', () => {
  const source = manual();
  source.clock.resume();
  source.pass(42);
  const target = move(source, 18_500, 7);
  target.pass(1);
  expect(target.clock.now()).toBe(43_000_000);
  expect(target.stops).toEqual([18_500]);
});

test('takes what it is behind along', () => {
  const source = manual();
  source.clock.resume();
  source.pass(4000);
  expect(source.clock.now()).toBe(1000e6);
  expect(source.clock.settled).toBe(4000e6);
  const target = move(source, 10, 7);
  run(target, 100);
  expect(target.clock.now()).toBe(4110e6);
});

test('never goes back, even if the host clock does, and goes on from there', () => {
  const { host, clock } = manual();
  clock.resume();
  host.ms += 10;
  expect(clock.now()).toBe(10_000_000);
  host.ms -= 3000;
  expect(clock.now()).toBe(10_000_000);
  host.ms += 2;
  expect(clock.now()).toBe(12_000_000);
});

test('a time of day that is set back or forward in a stop never throws the guest back', () => {
  for (const set of [-3_600_000, 3_600_000]) {
    const source = manual();
    source.clock.resume();
    source.pass(42);
    source.clock.pause();
    const state = source.clock.save();
    source.wall.ms += set;
    const target = manual(source.wall, 7);
    target.clock.restore(state);
    target.clock.resume();
    target.pass(1);
    expect(target.clock.now()).toBe(43_000_000);
  }
});

test('after fifty moves, measured by a time of day of whole ms, it is right within 50 ms whatever they hit', () => {
  const phases = fc.array(fc.double({ min: 0.1, max: 900, noNaN: true }), { minLength: 50, maxLength: 50 });
  fc.assert(
    fc.property(phases, (stops) => {
      let bench = manual();
      const { wall } = bench;
      let real = wall.ms;
      const coarse = {
        pass: (ms: number) => {
          real += ms;
          wall.ms = Math.floor(real);
        },
      };
      bench.clock.resume();
      const start = real;
      for (const [n, stop] of stops.entries()) {
        bench.host.ms += stop;
        coarse.pass(stop);
        bench.clock.pause();
        const state = bench.clock.save();
        const next = manual(wall, n * 1000);
        coarse.pass(stop);
        next.clock.restore(state);
        next.clock.resume();
        bench = next;
      }
      expect(Math.abs(bench.clock.settled / 1e6 - (real - start))).toBeLessThan(50);
    }),
    { numRuns: 200 },
  );
});

const event = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), ms: fc.double({ min: 0, max: 400, noNaN: true }) }),
  fc.record({ kind: fc.constant('stall' as const), ms: fc.double({ min: 0, max: 20_000, noNaN: true }) }),
  fc.record({ kind: fc.constant('pause' as const), ms: fc.double({ min: 0, max: 20_000, noNaN: true }) }),
  fc.record({ kind: fc.constant('move' as const), ms: fc.double({ min: 0, max: 9000, noNaN: true }) }),
  fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -1e9, max: 1e9 }) }),
);

test('whatever happens: never back, no large step, and right but for the long stops', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let bench = manual();
      bench.clock.resume();
      let expected = 0;
      let last = 0;
      const look = () => {
        const now = bench.clock.now();
        expect(now).toBeGreaterThanOrEqual(last);
        expect(now - last).toBeLessThanOrEqual(1401e6);
        last = now;
      };
      for (const { kind, ms } of events) {
        if (kind === 'set') bench.wall.ms += ms;
        else if (kind === 'move') bench = move(bench, ms, ms * 1e4);
        else {
          if (kind === 'pause') bench.clock.pause();
          bench.pass(ms);
          if (kind === 'pause') bench.clock.resume();
        }
        if (kind !== 'set') expected += ms <= 5000 ? ms : 0;
        look();
        bench.clock.runDue();
      }
      const behind = bench.clock.settled - expected * 1e6;
      expect(Math.abs(behind)).toBeLessThan(1000);
    }),
    { numRuns: 300 },
  );
});

test('runs due timers in order of deadline, then of scheduling, and no others', () => {
  const { host, clock } = manual();
  clock.resume();
  const ran: string[] = [];
  clock.schedule(3e6, () => ran.push('c'));
  clock.schedule(1e6, () => ran.push('a'));
  clock.schedule(1e6, () => ran.push('b'));
  clock.schedule(9e6, () => ran.push('late'));
  const cancelled = clock.schedule(2e6, () => ran.push('cancelled'));
  cancelled.cancel();
  expect(clock.nextDeadline()).toBe(1e6);
  host.ms += 4;
  expect(clock.runDue()).toBe(3);
  expect(ran).toEqual(['a', 'b', 'c']);
  expect(clock.nextDeadline()).toBe(9e6);
});

test('an idle guest may sleep until the first tolerance is used up', () => {
  const { clock } = manual();
  clock.resume();
  expect(clock.nextIdleDeadline()).toBeUndefined();
  clock.schedule(1e6, () => {}, 30e6);
  expect([clock.nextDeadline(), clock.nextIdleDeadline()]).toEqual([1e6, 31e6]);
  clock.schedule(2e6, () => {}, 5e6);
  expect([clock.nextDeadline(), clock.nextIdleDeadline()]).toEqual([1e6, 7e6]);
  clock.schedule(3e6, () => {});
  expect([clock.nextDeadline(), clock.nextIdleDeadline()]).toEqual([1e6, 3e6]);
});

test('a timer that a callback schedules for now runs in the same pass', () => {
  const { host, clock } = manual();
  clock.resume();
  const ran: number[] = [];
  clock.schedule(1e6, () => {
    ran.push(1);
    clock.schedule(2e6, () => ran.push(2));
  });
  host.ms += 2;
  clock.runDue();
  expect(ran).toEqual([1, 2]);
  expect(clock.nextDeadline()).toBeUndefined();
});

test('any mix of scheduling and cancelling fires exactly what is left, sorted', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean())), (timers) => {
      const { host, clock } = manual();
      clock.resume();
      const fired: number[] = [];
      const handles = timers.map(([deadline]) => clock.schedule(deadline, () => fired.push(deadline)));
      for (const [i, [, cancel]] of timers.entries()) if (cancel) handles[i].cancel();
      host.ms += 1;
      clock.runDue();
      const expected = timers.filter(([, cancel]) => !cancel).map(([deadline]) => deadline);
      expect(fired).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test('refuses a form of another version', () => {
  const { clock } = manual();
  expect(() => clock.restore({ version: 1, now: 0 } as never)).toThrow(StateError);
  expect(() => clock.restore({ version: 2 } as never)).toThrow(/now/);
});
