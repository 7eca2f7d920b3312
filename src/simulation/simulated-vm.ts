// A VM of the simulated backend: no guest, only the figures and the serial line of one, enough to work on the console.

import type { PowerState, Registers, VmSpec, VmStatus } from '../../engine/host/api.ts';
import { vmOutline } from '../../engine/vmkernel/spec/vm-outline.ts';
import { SerialHistory } from '../../engine/vmkernel/vm/serial-history.ts';
import { SimulatedClient } from './simulated-client.ts';

const BOOT_MS = 900;
const FIRST_REPORT_MS = 4000;
const PROMPT = '\x1b[1;32mroot@debian\x1b[0m:~# ';

export class SimulatedVm {
  readonly spec: VmSpec;
  hostId: string;
  power: PowerState = 'off';
  onCrash: () => void = () => {};
  onSerial: () => void = () => {};
  readonly history = new SerialHistory();
  #busy = 0.02;
  #active = 0;
  #instructions = 0;
  #startedAt = 0;
  #busyMs = 0;
  #line = '';
  #counter: ReturnType<typeof setInterval> | undefined;
  #count = 0;

  #client: ReturnType<typeof setInterval> | undefined;
  /** ms that some answers of this second waited because something moved. */
  disturbance = 0;

  constructor(spec: VmSpec, hostId: string) {
    this.spec = spec;
    this.hostId = hostId;
  }

  start(): void {
    this.power = 'starting';
    this.#startedAt = Date.now();
    this.#busy = 0.95;
    this.#print('[    0.000000] Linux version 6.1.0-simulated (i686)\r\n');
    for (let n = 1; n <= 12; n++)
      setTimeout(
        () => this.#print(`[    0.${String(n * 83).padStart(6, '0')}] simulated driver ${n} registered\r\n`),
        n * 60,
      );
    setTimeout(() => {
      this.power = 'running';
      this.#busy = 0.02;
      this.#active = 38;
      this.#print(`\r\nWelcome to Debian GNU/Linux (simulated)\r\n${PROMPT}`);
    }, BOOT_MS);
    if (this.spec.commandLine.includes('run="client ')) setTimeout(() => this.#report(), BOOT_MS + FIRST_REPORT_MS);
  }

  /** It serves, or asks a server. */
  get isBusyOnNetwork(): boolean {
    return this.spec.commandLine.includes('run=');
  }

  stop(): void {
    clearInterval(this.#counter);
    clearInterval(this.#client);
    this.#counter = undefined;
    this.power = 'off';
    this.#active = 0;
    this.#instructions = 0;
    this.#busyMs = 0;
  }

  crash(): void {
    this.stop();
    this.power = 'crashed';
    this.onCrash();
  }

  /** A line discipline with four commands: count, load, idle, crash. */
  input(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 3) this.#command('idle');
      else if (byte === 13) {
        this.#print('\r\n');
        this.#command(this.#line.trim());
        this.#line = '';
      } else {
        this.#line += String.fromCharCode(byte);
        this.#print(String.fromCharCode(byte));
      }
    }
  }

  /** Lets `ms` pass. */
  tick(ms: number): void {
    if (this.power === 'off' || this.power === 'paused' || this.power === 'crashed') return;
    const cpu = this.#share();
    this.#busyMs += cpu * ms;
    this.#instructions += cpu * ms * 310_000;
    this.#active = Math.min(this.spec.memoryMiB, this.#active + (this.#busy > 0.5 ? ms / 400 : 0));
  }

  status(): VmStatus {
    const running = this.power !== 'off' && this.power !== 'crashed';
    return {
      id: this.spec.id,
      name: this.spec.name,
      guestOs: this.spec.guestOs,
      hostId: this.hostId,
      memoryMiB: this.spec.memoryMiB,
      memoryActiveMiB: this.#active,
      power: this.power,
      nics: this.spec.nics ?? [],
      spec: vmOutline(this.spec),
      agent: { state: 'absent' },
      counters: {
        instructions: Math.round(this.#instructions),
        translatedInstructions: Math.round(this.#instructions * 0.97),
        tlbMisses: Math.round(this.#instructions / 5200),
        interrupts: Math.round((Date.now() - this.#startedAt) / 4),
        exceptions: Math.round(this.#instructions / 91_000),
        regions: 1840,
        liveRegions: 1204,
        wasmBytes: 5_300_000,
        evictions: 636,
        overhead: { cpu: 102_400, code: 8_388_608, pages: this.spec.memoryMiB * 1312, translations: 36_000_000 },
        translationMs: 940,
        exits: {
          slice: 800,
          request: 90,
          unlinked: 210_000,
          miss: Math.round(this.#instructions / 6000),
          fault: 400,
          interpret: 9000,
        },
        invalidations: 31,
        undefinedInstructions: 0,
        busyMs: this.#busyMs,
        uptimeMs: running ? Date.now() - this.#startedAt : 0,
      },
      cpu: running ? this.#share() : 0,
      cpuReady: 0,
      mips: running ? 310 : 0,
      translated: 0.97,
      ...(this.power === 'crashed' && { crash: { reason: 'Triple fault: #DF at 0xc01021f4', registers: REGISTERS } }),
    };
  }

  #share(): number {
    return Math.min(1, this.#busy * (0.85 + Math.random() * 0.3));
  }

  #command(command: string): void {
    clearInterval(this.#counter);
    this.#counter = undefined;
    if (command === 'count') this.#counter = setInterval(() => this.#print(`count ${++this.#count}\r\n`), 100);
    else if (command === 'load') this.#busy = 0.8;
    else if (command === 'idle') this.#busy = 0.02;
    else if (command === 'crash') this.crash();
    else if (command !== '') this.#print(`sh: ${command}: not found\r\n`);
    if (command !== 'count' && command !== 'crash') this.#print(PROMPT);
  }

  #report(): void {
    const client = new SimulatedClient();
    this.#client = setInterval(() => {
      this.#print(client.line(this.disturbance));
      this.disturbance = 0;
    }, 1000);
  }

  #print(text: string): void {
    this.history.append(new TextEncoder().encode(text));
    this.onSerial();
  }
}

const REGISTERS: Registers = {
  eip: 0xc01021f4,
  eflags: 0x00010046,
  eax: 0,
  ebx: 0xc1a4e000,
  ecx: 0xdeadbeef,
  edx: 0x1f,
  esi: 0xc1809d40,
  edi: 0xc1809c00,
  ebp: 0xc17f9f98,
  esp: 0xc17f9f60,
  cr0: 0x80050033,
  cr2: 0xffffe000,
  cr3: 0x01b5a000,
  cr4: 0x690,
  cs: 0x60,
  ss: 0x68,
  ds: 0x7b,
  es: 0x7b,
  fs: 0xd8,
  gs: 0xe0,
};
