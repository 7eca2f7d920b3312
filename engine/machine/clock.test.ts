import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuestClock } from './clock.ts';
import { StateError } from './device.ts';

function manual() {
  const host = { ms: 1000 };
  return { host, clock: new GuestClock(() => host.ms) };
}

test('stands still until it is resumed, and while paused', () => {
  const { host, clock } = manual();
  host.ms += 5;
  expect(clock.now()).toBe(0);
  clock.resume();
  host.ms += 2.5;
  expect(clock.now()).toBe(2_500_000);
  clock.pause();
  host.ms += 100;
  expect(clock.now()).toBe(2_500_000);
  clock.resume();
  host.ms += 1;
  expect(clock.now()).toBe(3_500_000);
});

test('goes on from the saved time on another host, whose own clock is elsewhere', () => {
  const source = manual();
  source.clock.resume();
  source.host.ms += 42;
  const state = structuredClone(source.clock.save());
  const target = manual();
  target.host.ms = 7;
  target.clock.restore(state);
  expect(target.clock.running).toBe(false);
  target.host.ms += 50;
  target.clock.resume();
  target.host.ms += 1;
  expect(target.clock.now()).toBe(43_000_000);
});

test('never goes back, even if the host clock does', () => {
  const { host, clock } = manual();
  clock.resume();
  host.ms += 10;
  expect(clock.now()).toBe(10_000_000);
  host.ms -= 3;
  expect(clock.now()).toBe(10_000_000);
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
  expect(() => clock.restore({ version: 2, now: 0 } as never)).toThrow(StateError);
  expect(() => clock.restore({ version: 1 } as never)).toThrow(/now/);
});
