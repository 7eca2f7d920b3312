import { expect, test } from 'vitest';
import { DebugExit } from './debug-exit/debug-exit.ts';
import { Debugcon } from './debugcon/debugcon.ts';
import { PostPort } from './post/post.ts';
import { TestBench } from './test-bench.ts';

test('the debug console prints bytes and tells that it is there', () => {
  const bench = new TestBench();
  const printed: number[] = [];
  new Debugcon((byte) => printed.push(byte)).attach(bench.ports, 0xe9);
  bench.out(0xe9, 0x48);
  bench.out(0xe9, 0x69);
  expect(printed).toEqual([0x48, 0x69]);
  expect(bench.in(0xe9)).toBe(0xe9);
});

test('debug exit passes the value in the size it was written', () => {
  const bench = new TestBench();
  const values: number[] = [];
  new DebugExit((value) => values.push(value)).attach(bench.ports, 0xf4, 4);
  bench.out(0xf4, 0x10);
  bench.out(0xf4, 0x12345678, 4);
  expect(values).toEqual([0x10, 0x12345678]);
  expect(bench.in(0xf4, 4)).toBe(0);
});

test('the POST port keeps its code, through save and restore, until reset', () => {
  const bench = new TestBench();
  const post = new PostPort();
  post.attach(bench.ports);
  bench.out(0x80, 0x55);
  const state = structuredClone(post.save());
  post.reset();
  expect(bench.in(0x80)).toBe(0);
  post.restore(state);
  expect(bench.in(0x80)).toBe(0x55);
});
