import { beforeEach, expect, test } from 'vitest';
import { INITIAL_INPUT, type InputState, type PointerInput } from '../bus/input.ts';
import { MachineInput } from './machine-input.ts';

let input: MachineInput;
let states: InputState[];
let moves: Record<'mouse' | 'absolute', PointerInput[]>;
const mouse = { active: false, notify: () => {}, move: (move: PointerInput) => moves.mouse.push(move) };
const absolute = { active: false, move: (move: PointerInput) => moves.absolute.push(move) };

beforeEach(() => {
  states = [];
  moves = { mouse: [], absolute: [] };
  input = new MachineInput((state) => states.push(state));
  input.mouse = mouse;
  input.absolutes[0] = absolute;
  mouse.active = false;
  absolute.active = false;
});

function move(change: Partial<PointerInput>): void {
  input.pointer({ dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0, ...change });
}

test('motion goes to the device for positions while that is on, else to the mouse', () => {
  move({ dx: 1 });
  absolute.active = true;
  move({ position: { x: 0, y: 0 } });
  expect([moves.mouse.length, moves.absolute.length]).toEqual([1, 1]);
});

test('fractions of counts are kept until they are whole', () => {
  for (let n = 0; n < 5; n++) move({ dx: 0.5, dy: -0.25 });
  expect(moves.mouse.map(({ dx, dy }) => [dx, dy])).toEqual([
    [0, -0],
    [1, -0],
    [0, -0],
    [1, -1],
    [0, -0],
  ]);
});

test('when the user is gone no button stays held anywhere', () => {
  move({ buttons: 1 });
  absolute.active = true;
  input.send({ kind: 'release-all' });
  expect([moves.mouse.at(-1)?.buttons, moves.absolute.at(-1)?.buttons]).toEqual([0, 0]);
});

test('its state is told when it is something else', () => {
  input.changed();
  expect(states).toEqual([]);
  mouse.active = true;
  input.changed();
  input.changed();
  expect(states).toEqual([{ ...INITIAL_INPUT, mouseActive: true }]);
});

test('a machine without devices takes input and has no room for text', () => {
  const bare = new MachineInput(() => {});
  bare.send({ kind: 'key', code: 'KeyA', pressed: true });
  bare.pointer({ dx: 1, dy: 1, wheel: 0, horizontalWheel: 0, buttons: 1 });
  bare.releaseAll();
  expect(bare.type([[{ code: 'KeyA', shift: false, altGr: false }]])).toBe(false);
  expect(bare.state).toEqual(INITIAL_INPUT);
});
