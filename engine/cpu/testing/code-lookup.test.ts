// Code is found by the rights of a fetch, whatever the TLB may keep for data: each reason for which a page's entry is withheld,
// invalidated or different meets each way in which code is looked up, in the interpreter and in regions.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';
import {
  FIRST_FRAME,
  FIRST_PAGE,
  PrivilegedMachine,
  pteOf,
  SECOND_FRAME,
  SECOND_PAGE,
  setCr4,
} from './privileged-machine.ts';
import { SlowTranslator } from './slow-translator.ts';

const { calls, driver } = PrivilegedMachine;

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

const ADDEND = 0x01020304;
const OTHER_ADDEND = 0x0a0b0c0d;
const RET = [0xc3];
const add = (value: number): number[] => [0x05, ...le32(value)];
const jump = (distance: number): number[] => [0xe9, ...le32(distance - 5)];
const PAGE = 0x1000;

// ---- How code is looked up. `code`: what lies from an offset of the first page on, the second page's bytes behind the first's.

interface Lookup {
  name: string;
  target: number;
  /** Additions in one call. */
  additions: number;
  code: (value: number) => { offset: number; bytes: number[] }[];
}

const straddling = (head: number, before: readonly number[] = []): Lookup => {
  const offset = PAGE - head - before.length;
  return {
    name: `an instruction with ${head} bytes in the first page${before.length ? ', behind another' : ''}`,
    target: FIRST_PAGE + offset,
    additions: 1,
    code: (value) => [{ offset, bytes: [...before, ...add(value), ...RET] }],
  };
};

const LOOKUPS: Lookup[] = [
  {
    name: 'the first page alone',
    target: FIRST_PAGE + 0x100,
    additions: 1,
    code: (value) => [{ offset: 0x100, bytes: [...add(value), ...RET] }],
  },
  {
    name: 'the second page alone',
    target: SECOND_PAGE + 0x100,
    additions: 1,
    code: (value) => [{ offset: PAGE + 0x100, bytes: [...add(value), ...RET] }],
  },
  straddling(1),
  straddling(3, [0x90, 0x90]),
  {
    name: 'a jump to the second page and back',
    target: FIRST_PAGE + 0x100,
    additions: 2,
    code: (value) => [
      { offset: 0x100, bytes: [...add(value), ...jump(PAGE)] },
      { offset: PAGE + 0x105, bytes: [...add(value), ...jump(-PAGE)] },
      { offset: 0x10a, bytes: RET },
    ],
  },
  {
    name: 'a loop over both pages',
    target: FIRST_PAGE + PAGE - 9,
    additions: 3,
    // MOV EDX, 3; again: ADD …; DEC EDX; JNZ again; RET
    code: (value) => [{ offset: PAGE - 9, bytes: [0xba, ...le32(3), ...add(value), 0x4a, 0x75, 0xf8, ...RET] }],
  },
];

// ---- Why an entry is withheld, invalidated or other than it was

const SERVICE = 0x81;
const RELOAD = 0x82;
const FORGET = 0x83;
const PORT = 0x10;
const AC = [0x00, 0x00, 0x04, 0x00];
const movEbx = (value: number): number[] => [0xbb, ...le32(value)];
const SMAP = setCr4(1 << 21);
const STAC = [0x0f, 0x01, 0xcb];
const CLAC = [0x0f, 0x01, 0xca];
const setDr = (n: number, value: number): number[] => [...movEbx(value), 0x0f, 0x23, 0xc3 | (n << 3)];
/** Four bytes, reads and writes. */
const breakpoint = (address: number): number[] => [...setDr(0, address), ...setDr(7, 0x000f_0001)];
const readEbx = (address: number): number[] => [0x8b, 0x1d, ...le32(address)];

interface Reason {
  name: string;
  rings: readonly (0 | 3)[];
  /** Before anything runs. */
  prepare?: (machine: PrivilegedMachine) => void;
  /** What is done when the code has run a while: by the driver, in ring 0, by the host. */
  inline?: readonly number[];
  service?: readonly number[];
  host?: (machine: PrivilegedMachine) => void;
  /** Where else the first and second page are; the code there adds another number. */
  elsewhere?: readonly [number, number];
}

const BOTH = [0, 3] as const;
const HIGH = 0x10_0000;
const ROM = 0xffff_0000;
const ROM_SIZE = 0x1_0000;
const [ROM_PLACE, MOVED_PLACE, LOG_PLACE] = [0x40, 0x60, 0x62];

const REASONS: Reason[] = [
  { name: 'nothing', rings: BOTH },
  { name: 'alignment checks', rings: [3], inline: [0x9c, 0x81, 0x0c, 0x24, ...AC, 0x9d] },
  { name: 'a data breakpoint in the first page', rings: BOTH, service: breakpoint(FIRST_PAGE + 0x800) },
  { name: 'a data breakpoint in the second page', rings: BOTH, service: breakpoint(SECOND_PAGE + 0x800) },
  {
    name: 'data breakpoints in both pages',
    rings: BOTH,
    service: [...breakpoint(FIRST_PAGE + 0x800), ...setDr(1, SECOND_PAGE + 0x800), ...setDr(7, 0x00ff_0005)],
  },
  { name: 'an execution breakpoint elsewhere', rings: BOTH, service: [...setDr(0, 0x600000), ...setDr(7, 1)] },
  { name: 'SMAP, closed', rings: [0], service: SMAP },
  { name: 'SMAP, open', rings: [0], service: SMAP, inline: STAC },
  {
    name: 'SMAP, closed after an access to both pages',
    rings: [0],
    service: SMAP,
    inline: [...STAC, ...readEbx(FIRST_PAGE), ...readEbx(SECOND_PAGE), ...CLAC],
  },
  {
    name: 'SMAP and a data breakpoint in the second page',
    rings: [0],
    service: [...SMAP, ...breakpoint(SECOND_PAGE + 0x800)],
  },
  { name: 'a dirty log', rings: BOTH, host: ({ bare }) => bare.logWrites(LOG_PLACE) },
  {
    name: 'address line A20, switched off',
    rings: BOTH,
    prepare: ({ bare }) => {
      bare.pokeWord(pteOf(FIRST_PAGE), FIRST_FRAME | HIGH | 7);
      bare.pokeWord(pteOf(SECOND_PAGE), SECOND_FRAME | HIGH | 7);
    },
    host: ({ bare }) => bare.setA20(false),
    elsewhere: [FIRST_FRAME, SECOND_FRAME],
  },
  {
    name: 'a second page in ROM',
    rings: BOTH,
    prepare: ({ bare }) => {
      bare.setMemoryMap([
        { first: 0, pages: ROM_PLACE, reads: 0, writes: 0 },
        { first: ROM >>> 12, pages: ROM_SIZE / PAGE, reads: ROM_PLACE, writes: 'dropped' },
      ]);
      bare.pokeWord(pteOf(SECOND_PAGE), ROM | 5);
    },
  },
  {
    name: 'pages that are elsewhere in the machine later',
    rings: BOTH,
    host: ({ bare }) => {
      for (const [n, frame] of [FIRST_FRAME, SECOND_FRAME].entries()) {
        bare.poke((MOVED_PLACE + n) << 12, bare.bytes(frame, PAGE));
        bare.setMachinePage(frame >>> 12, MOVED_PLACE + n);
        bare.poke(frame, new Uint8Array(PAGE).fill(0xf4));
      }
      bare.executor.flushTlb();
    },
  },
  {
    name: 'pages that are absent from the machine at first',
    rings: BOTH,
    prepare: ({ bare }) => {
      for (const frame of [FIRST_FRAME, SECOND_FRAME]) bare.setMachinePage(frame >>> 12, undefined);
    },
  },
];

// ---- Who runs it

const BACKENDS = ['never', 'always', 'hot', 'beside'] as const;
type Backend = (typeof BACKENDS)[number];

/** Of the machine that was built last. */
let memory: WebAssembly.Memory | undefined;

/** The one before it is of no use any more. */
function build(ring: 0 | 3, backend: Backend): PrivilegedMachine {
  const translator = backend === 'beside' ? new SlowTranslator() : undefined;
  const machine: PrivilegedMachine = new PrivilegedMachine(modules, {
    ring,
    tuning: { translate: backend === 'beside' ? 'hot' : backend },
    more: {
      memory,
      translator,
      pageFault: (page) => {
        machine.bare.setMachinePage(page, page);
        return true;
      },
    },
  });
  memory = machine.bare.executor.memory;
  if (translator) {
    machine.bare.slice = 2000;
    // When the event loop gets its turn.
    machine.bare.betweenSlices = () => translator.answer();
  }
  return machine;
}

/** What makes the code be looked up again: by the code table, and with the TLB empty. */
const RELOAD_CR3 = [0x0f, 0x20, 0xdb, 0x0f, 0x22, 0xdb];
const INVLPG_BOTH = [0x0f, 0x01, 0x3d, ...le32(FIRST_PAGE), 0x0f, 0x01, 0x3d, ...le32(SECOND_PAGE)];

function place(machine: PrivilegedMachine, lookup: Lookup, value: number, frames: readonly [number, number]): void {
  for (const { offset, bytes } of lookup.code(value))
    for (const [n, byte] of bytes.entries()) {
      const at = offset + n;
      machine.bare.poke(frames[at >= PAGE ? 1 : 0] + (at & (PAGE - 1)), [byte]);
    }
}

/** Where the code lies before the reason comes into force, as places in the machine's RAM. */
function framesOf({ name }: Reason): readonly [number, number] {
  if (name.includes('ROM')) return [FIRST_FRAME, ROM_PLACE << 12];
  return name.includes('A20') ? [FIRST_FRAME | HIGH, SECOND_FRAME | HIGH] : [FIRST_FRAME, SECOND_FRAME];
}

/** Calls until the code under test is what the backend makes of it. */
function timesOf(backend: Backend): number {
  return { never: 3, always: 3, hot: 2200, beside: 2800 }[backend];
}

describe.each(BACKENDS)('finding code, translating: %s', (backend) => {
  const times = timesOf(backend);
  const cases = REASONS.flatMap((reason) => reason.rings.map((ring) => ({ reason, ring, name: reason.name })));

  it.each(cases)('$name, ring $ring', ({ reason, ring }) => {
    for (const lookup of LOOKUPS) {
      const machine = build(ring, backend);
      reason.prepare?.(machine);
      place(machine, lookup, ADDEND, framesOf(reason));
      if (reason.elsewhere) place(machine, lookup, OTHER_ADDEND, reason.elsewhere);
      machine.service(SERVICE, reason.service ?? []);
      machine.service(RELOAD, RELOAD_CR3);
      machine.service(FORGET, INVLPG_BOTH);
      machine.bare.onPortWrite = () => reason.host?.(machine);
      const result = machine.run(
        driver(
          calls(lookup.target, times),
          ...[[0xcd, SERVICE], [0xe6, PORT], reason.inline ?? []],
          calls(lookup.target, times),
          calls(lookup.target, times, [0xcd, RELOAD]),
          calls(lookup.target, times, [0xcd, FORGET]),
        ),
      );
      const later = reason.elsewhere ? OTHER_ADDEND : ADDEND;
      const expected = (lookup.additions * times * (ADDEND + 3 * later)) >>> 0;
      expect(result.toString(16), lookup.name).toBe(expected.toString(16));
      expect(machine.bare.counter(L.N_TRANSLATED) > 0, `${lookup.name}: translated`).toBe(backend !== 'never');
    }
  });
});

// ---- Fetches that fault

const movPte = (page: number, entry: number): number[] => [
  ...[0xc7, 0x05, ...le32(pteOf(page)), ...le32(entry)],
  ...[0x0f, 0x01, 0x3d, ...le32(page)],
];
const SUPERVISOR = 3;
const EVERYBODY = 7;
const ACCESSED = 0x20;

interface FetchFault {
  name: string;
  ring: 0 | 3;
  error: number;
  /** In ring 0, when the code has run a while, and when it has faulted. */
  service: readonly number[];
  repair: readonly number[];
  /** In the driver. */
  inline?: readonly number[];
}

const absent = movPte(SECOND_PAGE, 0);
const back = movPte(SECOND_PAGE, SECOND_FRAME | EVERYBODY);
const [noUser, asSupervisor] = [
  movPte(SECOND_PAGE, SECOND_FRAME | SUPERVISOR),
  movPte(FIRST_PAGE, FIRST_FRAME | SUPERVISOR),
];
const alignment = REASONS.find(({ name }) => name === 'alignment checks')?.inline;
const watched = breakpoint(SECOND_PAGE + 0x800);

const FETCH_FAULTS: FetchFault[] = [
  { name: 'not present', ring: 0, error: 0, service: absent, repair: back },
  { name: 'not present', ring: 3, error: 4, service: absent, repair: back },
  { name: 'not present, alignment checked', ring: 3, error: 4, service: absent, repair: back, inline: alignment },
  { name: 'not present, watched', ring: 3, error: 4, service: [...absent, ...watched], repair: back },
  { name: 'not present, closed by SMAP', ring: 0, error: 0, service: [...absent, ...SMAP], repair: back },
  { name: 'of the supervisor', ring: 3, error: 5, service: noUser, repair: back },
  { name: 'of the supervisor, alignment checked', ring: 3, error: 5, service: noUser, repair: back, inline: alignment },
  { name: 'of the supervisor, watched', ring: 3, error: 5, service: [...noUser, ...watched], repair: back },
  {
    name: 'refused by SMEP',
    ring: 0,
    error: 0x11,
    service: [...asSupervisor, ...setCr4(1 << 20)],
    repair: noUser,
  },
];

describe.each(BACKENDS)('a second page that faults, translating: %s', (backend) => {
  it.each(FETCH_FAULTS)('$name, ring $ring', ({ ring, error, service, repair, inline }) => {
    const times = timesOf(backend);
    for (const lookup of [straddling(1), straddling(4), straddling(2, [0x90, 0x90, 0x90])]) {
      const machine = build(ring, backend);
      place(machine, lookup, ADDEND, [FIRST_FRAME, SECOND_FRAME]);
      machine.service(SERVICE, service);
      machine.onPageFault(repair);
      const result = machine.run(
        driver(calls(lookup.target, times), [0xcd, SERVICE], inline ?? [], calls(lookup.target, times)),
      );
      expect(machine.pageFaults, lookup.name).toEqual({
        address: SECOND_PAGE,
        error,
        eip: lookup.target + (lookup.name.includes('behind') ? 3 : 0),
        eax: (times * ADDEND) >>> 0,
        count: 1,
      });
      expect(result.toString(16), lookup.name).toBe(((2 * times * ADDEND) >>> 0).toString(16));
    }
  });
});

describe.each(BACKENDS)('where nothing answers, translating: %s', (backend) => {
  it('code reads as all ones, also when it begins in RAM', () => {
    const machine = build(0, backend);
    machine.bare.pokeWord(pteOf(SECOND_PAGE), 0x0800_0000 | EVERYBODY);
    // ADD EAX, FFFFFF05h; then FF FF, which is undefined.
    machine.bare.poke(FIRST_FRAME + PAGE - 2, [0x05, 0x05]);
    expect(() => machine.run(driver(calls(FIRST_PAGE + PAGE - 2, 1)))).toThrow((SECOND_PAGE + 3).toString(16));
  });
});

describe.each(BACKENDS)('a page table that is code, translating: %s', (backend) => {
  it('is run with the accessed bits that its own walks set', () => {
    const times = timesOf(backend);
    const machine = build(0, backend);
    const [tablePage, table] = [0x41_0000, pteOf(0)];
    machine.bare.pokeWord(pteOf(tablePage), table | EVERYBODY);
    // MOV EAX, the second page's entry; NOP, so that the next entry is not present; JMP to the second page, which returns.
    const at = pteOf(SECOND_PAGE) - table;
    machine.bare.poke(table + at - 1, [0xb8]);
    machine.bare.poke(table + at + 4, [0x90, ...jump(SECOND_PAGE - (tablePage + at + 5))]);
    machine.bare.poke(SECOND_FRAME, RET);
    machine.service(SERVICE, back);
    const target = tablePage + at - 1;
    const result = machine.run(driver(calls(target, times), [0xcd, SERVICE], calls(target, times)));
    expect(result.toString(16)).toBe((SECOND_FRAME | EVERYBODY | ACCESSED).toString(16));
  });
});
