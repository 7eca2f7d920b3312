import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, TestMachine } from '../testing/machine.ts';

const CR0_EM = 4;
const CR0_TS = 8;
const CR4_OSFXSR = 0x200;
const UD = { vector: 6, error: undefined };
const NM = { vector: 7, error: undefined };
const DATA = 0x5000;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
});

/** What a first SSE instruction raises: generated code calls sse_check only if SSE_TRAP is set. */
function trap(): unknown {
  if (m.get32(L.SSE_TRAP) === 0) return undefined;
  m.monitor.sse_check();
  return m.takeException();
}

describe('the trap before SSE instructions', () => {
  it('is #UD until the system has set CR4.OSFXSR', () => {
    expect(trap()).toEqual(UD);
    m.monitor.cr_write(4, CR4_OSFXSR);
    expect(trap()).toBeUndefined();
    m.monitor.cr_write(4, 0);
    expect(trap()).toEqual(UD);
  });

  it('is #NM with CR0.TS, which CLTS ends, and #UD with CR0.EM', () => {
    m.monitor.cr_write(4, CR4_OSFXSR);
    m.monitor.cr_write(0, CR0_PE | CR0_TS);
    expect(trap()).toEqual(NM);
    m.monitor.clts();
    expect(trap()).toBeUndefined();
    m.monitor.cr_write(0, CR0_PE | CR0_EM | CR0_TS);
    expect(trap()).toEqual(UD);
  });
});

describe('byte-masked stores', () => {
  const LOW = 0x8877665544332211n;
  const HIGH = 0xffeeddccbbaa9988n;

  it('write the bytes of the mask and no others', () => {
    m.monitor.mask_store(DATA, LOW, HIGH, 0b1000_0001_0000_0100, 16);
    const written = Array.from({ length: 16 }, (_, n) => m.peek8(DATA + n));
    expect(written).toEqual([0, 0, 0x33, 0, 0, 0, 0, 0, 0x88, 0, 0, 0, 0, 0, 0, 0xff]);
  });
});

describe('CRC-32C', () => {
  it('of "123456789" is e3069283, in steps of any size', () => {
    const bytes = [...'123456789'].map((c) => c.charCodeAt(0));
    const byByte = bytes.reduce((crc, byte) => m.monitor.crc32c(crc, byte, 1), -1);
    expect(~byByte >>> 0).toBe(0xe3069283);
    let crc = m.monitor.crc32c(-1, 0x34333231, 4);
    crc = m.monitor.crc32c(crc, 0x3635, 2);
    crc = m.monitor.crc32c(crc, 0x3837, 2);
    expect(~m.monitor.crc32c(crc, 0x39, 1) >>> 0).toBe(0xe3069283);
  });
});
