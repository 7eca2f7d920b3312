import { expect, it } from 'vitest';
import { VgaMachine } from '../devices/vga/testing/vga-machine.ts';
import { syntheticKernel } from './bzimage.fixture.ts';
import { linuxBoot } from './linux-boot.ts';

const SET_MODE = 0x8000;

function bootWithScreen() {
  const { segments, initialState } = linuxBoot({
    kernel: syntheticKernel(),
    commandLine: '',
    memoryMiB: 64,
    hasDisplay: true,
  });
  const at = (address: number) => {
    const { bytes } = segments.find(({ guestPhysical }) => guestPhysical === address)!;
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  return { code: at(SET_MODE), zeroPage: at(initialState.esi), initialState };
}

/** What MOV DX, port; MOV AX, value; OUT DX, AX do, until the jump. */
function run(code: DataView, out: (port: number, value: number) => void): number {
  let at = 0;
  for (; code.getUint8(at) === 0x66; at += 10) {
    expect([code.getUint16(at), code.getUint16(at + 4), code.getUint16(at + 8)]).toEqual([0x66ba, 0x66b8, 0x66ef]);
    out(code.getUint16(at + 2, true), code.getUint16(at + 6, true));
  }
  expect(code.getUint8(at)).toBe(0xe9);
  return SET_MODE + at + 5 + code.getInt32(at + 1, true);
}

it('the kernel is told of the picture that the display adapter has on the way to it', () => {
  const { code, zeroPage, initialState } = bootWithScreen();
  expect(initialState.eip).toBe(SET_MODE);
  const machine = new VgaMachine({ firmware: false });
  const entry = run(code, (port, value) => machine.out(port, value, 2));
  expect(entry).toBe(zeroPage.getUint32(0x214, true));

  const [width, height, bits] = [0x12, 0x14, 0x16].map((field) => zeroPage.getUint16(field, true));
  const lineLength = zeroPage.getUint16(0x24, true);
  const { picture, memory } = machine.state;
  expect(picture).toMatchObject({ kind: 'linear', width, height, bitsPerPixel: bits, pitch: lineLength });
  expect(zeroPage.getUint8(0x0f)).toBe(0x23);
  expect(zeroPage.getUint32(0x1c, true) * 16).toBe(memory.pages);
  const base = zeroPage.getUint32(0x18, true);
  machine.write(base + lineLength, 0x5a);
  expect(machine.vram[lineLength]).toBe(0x5a);
});

it('without a display adapter the kernel is entered at once, and is told of no screen', () => {
  const { segments, initialState } = linuxBoot({ kernel: syntheticKernel(), commandLine: '', memoryMiB: 64 });
  expect(segments.some(({ guestPhysical }) => guestPhysical === SET_MODE)).toBe(false);
  expect(initialState.eip).not.toBe(SET_MODE);
});
