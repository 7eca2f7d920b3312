// NE2000 as a PCI card, a Realtek RTL8029: DP8390 core, 32 KiB of packet memory behind a data port ("remote DMA"), station
// address in a PROM. Frames go through the CPU word by word, so the card is for guests without virtio.
//
// Where the real one would lose frames when its receive ring is full (and need the driver's overflow recovery), this one
// refuses them until there is room, and keeps its receive interrupt up meanwhile.
import { ETHERNET_HEADER, MAXIMUM_FRAME, type Nic, type NicPort, zeroCounters } from '../../bus/nic.ts';
import type { IoPortBus } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { portWindow } from '../pci/bar-window.ts';
import { PciDevice } from '../pci/pci-device.ts';
import { accepts, isGroupAddress } from './address-filter.ts';
import type { Ne2kState } from './persist.ts';
import { PAGE, RAM_SIZE, RAM_START, ringUsable, storeFrame } from './receive-ring.ts';
import * as R from './registers.ts';

const BAR_SIZE = 0x20;
const PROM_SIZE = 0x20;
/** In the PROM's last two bytes: the card is 16 bits wide. */
const WIDE = 0x57;

export class Ne2k implements Nic {
  readonly name: string;
  readonly counters = zeroCounters();
  readonly pci: PciDevice;
  readonly #port: NicPort;
  readonly #prom: Uint8Array;
  #s = initialState();

  /** `name`: its own among the machine's devices. `mac`: 6 bytes. */
  constructor(name: string, mac: Uint8Array, port: NicPort, ports: IoPortBus) {
    this.name = name;
    this.#port = port;
    this.#prom = prom(mac);
    this.pci = new PciDevice({
      vendorId: 0x10ec,
      deviceId: 0x8029,
      revision: 0,
      classCode: 0x020000,
      subsystemVendorId: 0x10ec,
      subsystemId: 0x8029,
      interruptPin: 1,
    });
    const registers = {
      read: (offset: number, size: number) => this.#read(offset, size),
      write: (offset: number, size: number, value: number) => this.#write(offset, size, value),
    };
    this.pci.defineBar(0, 'io', BAR_SIZE, portWindow(ports, BAR_SIZE, registers));
  }

  // ---- The cable

  receive(frame: Uint8Array): boolean {
    const s = this.#s;
    if (frame.length < ETHERNET_HEADER) this.counters.runts++;
    else if (frame.length > MAXIMUM_FRAME) this.counters.oversize++;
    else if (!this.#listening) this.counters.unwanted++;
    else if (!accepts(frame, s.receiveConfig, s.physicalAddress, s.multicastFilter)) this.counters.filtered++;
    else if (!this.#store(frame)) {
      s.receiveBlocked = true;
      return false;
    }
    return true;
  }

  transmitReady(): void {
    if (this.#s.command & R.CR_TRANSMIT) this.#transmit();
  }

  // ---- Device

  /** Packet memory keeps what it holds. */
  reset(): void {
    this.#s = { ...initialState(), memory: this.#s.memory };
    this.#update();
  }

  save(): Ne2kState {
    return structuredClone(this.#s);
  }

  restore(state: Ne2kState): void {
    this.#s = structuredClone(requireForm(this.name, state, this.save()));
    if (this.#s.physicalAddress.some((byte) => byte !== 0)) this.#port.addressChanged?.(this.#s.physicalAddress);
    this.#update();
  }

  // ---- Registers

  get #page(): number {
    return this.#s.command >> R.CR_PAGE_SHIFT;
  }

  #read(offset: number, size: number): number {
    if (offset === R.DATA_PORT) return this.#readData(size);
    if (offset >= R.RESET_PORT) {
      this.#resetCore();
      return 0;
    }
    if (offset === R.COMMAND) return this.#s.command;
    return [this.#readPage0, this.#readPage1, this.#readPage2, this.#readPage3][this.#page].call(this, offset);
  }

  #readPage0(register: number): number {
    const s = this.#s;
    switch (register) {
      case R.BOUNDARY:
        return s.boundary;
      case R.TRANSMIT_STATUS:
        return s.transmitStatus;
      case R.INTERRUPT_STATUS:
        return s.interruptStatus;
      case R.CURRENT_REMOTE_DMA:
        return s.remoteAddress & 0xff;
      case R.CURRENT_REMOTE_DMA + 1:
        return s.remoteAddress >> 8;
      case R.ID0:
      case R.ID1:
        return R.RTL8029_ID[register - R.ID0];
      case R.RECEIVE_STATUS:
        return s.receiveStatus;
      default:
        return 0; // no collisions, no errors
    }
  }

  #readPage1(register: number): number {
    const s = this.#s;
    if (register < R.CURRENT_PAGE) return s.physicalAddress[register - R.PHYSICAL_ADDRESS];
    return register === R.CURRENT_PAGE ? s.currentPage : s.multicastFilter[register - R.MULTICAST_FILTER];
  }

  #readPage2(register: number): number {
    const s = this.#s;
    switch (register) {
      case R.PAGE_START:
        return s.pageStart;
      case R.PAGE_STOP:
        return s.pageStop;
      case R.TRANSMIT_PAGE:
        return s.transmitPage;
      case R.RECEIVE_CONFIG:
        return s.receiveConfig;
      case R.TRANSMIT_CONFIG:
        return s.transmitConfig;
      case R.DATA_CONFIG:
        return s.dataConfig;
      case R.INTERRUPT_MASK:
        return s.interruptMask;
      default:
        return 0;
    }
  }

  #readPage3(register: number): number {
    return register === R.CONFIG2 ? R.CONFIG2_FULL_DUPLEX : 0;
  }

  #write(offset: number, size: number, value: number): void {
    if (offset === R.DATA_PORT) this.#writeData(size, value);
    else if (offset >= R.RESET_PORT)
      return; // reading it is what resets
    else if (offset === R.COMMAND) this.#command(value & 0xff);
    else if (this.#page === 0) this.#writePage0(offset, value & 0xff);
    else if (this.#page === 1) this.#writePage1(offset, value & 0xff);
  }

  #writePage0(register: number, value: number): void {
    const s = this.#s;
    switch (register) {
      case R.PAGE_START:
        s.pageStart = value;
        break;
      case R.PAGE_STOP:
        s.pageStop = value;
        break;
      case R.BOUNDARY:
        s.boundary = value;
        break;
      case R.TRANSMIT_PAGE:
        s.transmitPage = value;
        break;
      case R.TRANSMIT_COUNT:
        s.transmitCount = (s.transmitCount & 0xff00) | value;
        break;
      case R.TRANSMIT_COUNT + 1:
        s.transmitCount = (s.transmitCount & 0xff) | (value << 8);
        break;
      case R.INTERRUPT_STATUS:
        this.#acknowledge(value);
        break;
      case R.REMOTE_ADDRESS:
        s.remoteAddress = (s.remoteAddress & 0xff00) | value;
        break;
      case R.REMOTE_ADDRESS + 1:
        s.remoteAddress = (s.remoteAddress & 0xff) | (value << 8);
        break;
      case R.REMOTE_COUNT:
        s.remoteCount = (s.remoteCount & 0xff00) | value;
        break;
      case R.REMOTE_COUNT + 1:
        s.remoteCount = (s.remoteCount & 0xff) | (value << 8);
        break;
      case R.RECEIVE_CONFIG:
        s.receiveConfig = value;
        break;
      case R.TRANSMIT_CONFIG:
        s.transmitConfig = value;
        break;
      case R.DATA_CONFIG:
        s.dataConfig = value;
        break;
      case R.INTERRUPT_MASK:
        s.interruptMask = value;
        this.#update();
        break;
    }
  }

  #writePage1(register: number, value: number): void {
    const s = this.#s;
    if (register < R.CURRENT_PAGE) {
      s.physicalAddress[register - R.PHYSICAL_ADDRESS] = value;
      // Drivers write all six, in order.
      if (register === R.CURRENT_PAGE - 1) this.#port.addressChanged?.(s.physicalAddress);
    } else if (register === R.CURRENT_PAGE) s.currentPage = value;
    else s.multicastFilter[register - R.MULTICAST_FILTER] = value;
  }

  #command(value: number): void {
    const s = this.#s;
    // A transmission under way cannot be called back, except by stopping the card.
    s.command = value & R.CR_STOP ? value & ~R.CR_TRANSMIT : value | (s.command & R.CR_TRANSMIT);
    if (value & R.CR_STOP) {
      s.interruptStatus |= R.ISR_RESET;
      this.#receiveReady();
      return;
    }
    s.interruptStatus &= ~R.ISR_RESET;
    const remote = value & R.CR_REMOTE;
    if ((remote === R.CR_REMOTE_READ || remote === R.CR_REMOTE_WRITE) && s.remoteCount === 0) this.#remoteDone();
    if (value & R.CR_TRANSMIT) this.#transmit();
  }

  // ---- Packet memory, through the data port

  #readData(size: number): number {
    const width = this.#dataWidth(size);
    let value = 0;
    for (let i = Math.min(width, size) - 1; i >= 0; i--) {
      value = value * 256 + this.#readMemory(this.#s.remoteAddress + i);
    }
    this.#advanceRemote(width);
    return value;
  }

  #writeData(size: number, value: number): void {
    const width = this.#dataWidth(size);
    if (this.#s.remoteCount === 0) return;
    for (let i = 0; i < Math.min(width, size); i++) {
      this.#writeMemory(this.#s.remoteAddress + i, (value >>> (8 * i)) & 0xff);
    }
    this.#advanceRemote(width);
  }

  /** Bytes that one access moves: a word-wide card moves a word even when a byte is read. */
  #dataWidth(size: number): number {
    return this.#s.dataConfig & R.DCR_WORD ? Math.max(size, 2) : 1;
  }

  #advanceRemote(width: number): void {
    const s = this.#s;
    s.remoteAddress = (s.remoteAddress + width) & 0xffff;
    if (s.remoteAddress === s.pageStop * PAGE) s.remoteAddress = s.pageStart * PAGE;
    s.remoteCount = Math.max(s.remoteCount - width, 0);
    if (s.remoteCount === 0) this.#remoteDone();
  }

  #remoteDone(): void {
    this.#s.interruptStatus |= R.ISR_REMOTE_DONE;
    this.#update();
  }

  #readMemory(address: number): number {
    if (address < PROM_SIZE) return this.#prom[address];
    return this.#s.memory[address - RAM_START] ?? 0xff;
  }

  #writeMemory(address: number, value: number): void {
    if (address >= RAM_START && address < RAM_START + RAM_SIZE) this.#s.memory[address - RAM_START] = value;
  }

  // ---- Frames

  #transmit(): void {
    const s = this.#s;
    const start = s.transmitPage * PAGE - RAM_START;
    if (s.transmitConfig & R.TCR_LOOPBACK) {
      this.#transmitted();
      return;
    }
    if (s.transmitCount < ETHERNET_HEADER) this.counters.runts++;
    else if (s.transmitCount > MAXIMUM_FRAME) this.counters.oversize++;
    else if (start < 0 || start + s.transmitCount > RAM_SIZE) this.counters.malformed++;
    else if (!this.#port.transmit(s.memory.subarray(start, start + s.transmitCount))) return;
    else this.counters.transmitted++;
    this.#transmitted();
  }

  #transmitted(): void {
    const s = this.#s;
    s.command &= ~R.CR_TRANSMIT;
    s.transmitStatus = R.TSR_TRANSMITTED;
    s.interruptStatus |= R.ISR_TRANSMITTED;
    this.#update();
  }

  /**
   * Not stopped, not only monitoring, and with a usable receive ring. Of the command register STP alone stops it: Linux's 8390 driver writes neither STP
   * nor STA when it changes the multicast filter of a running card.
   */
  get #listening(): boolean {
    const { command, receiveConfig } = this.#s;
    return (command & R.CR_STOP) === 0 && (receiveConfig & R.RCR_MONITOR) === 0 && ringUsable(this.#s);
  }

  #store(frame: Uint8Array): boolean {
    const s = this.#s;
    const status = R.RSR_INTACT | (isGroupAddress(frame) ? R.RSR_GROUP_ADDRESS : 0);
    if (!storeFrame(s, frame, status)) return false;
    s.receiveStatus = status;
    s.interruptStatus |= R.ISR_RECEIVED;
    this.counters.received++;
    this.#update();
    return true;
  }

  /**
   * Frames that waited for room follow here, not when the boundary moves: a driver that empties the ring acknowledges
   * when it believes it empty, and what came in before that would lie there without an interrupt.
   */
  #acknowledge(bits: number): void {
    const s = this.#s;
    s.interruptStatus &= ~(bits & ~R.ISR_RESET);
    if (bits & R.ISR_RECEIVED) this.#receiveReady();
    if (s.receiveBlocked) s.interruptStatus |= R.ISR_RECEIVED;
    this.#update();
  }

  #receiveReady(): void {
    if (!this.#s.receiveBlocked) return;
    this.#s.receiveBlocked = false;
    this.#port.receiveReady();
  }

  #resetCore(): void {
    const s = this.#s;
    s.command = R.CR_STOP | R.CR_REMOTE_ABORT;
    s.interruptStatus = R.ISR_RESET;
    this.#update();
    this.#receiveReady();
  }

  #update(): void {
    this.pci.setInterrupt((this.#s.interruptStatus & this.#s.interruptMask & ~R.ISR_RESET) !== 0);
  }
}

/** Every byte twice, since a word-wide card is read by words. */
function prom(mac: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PROM_SIZE);
  for (const [i, byte] of mac.entries()) bytes.fill(byte, 2 * i, 2 * i + 2);
  return bytes.fill(WIDE, PROM_SIZE - 4);
}

function initialState(): Ne2kState {
  return {
    version: 1,
    command: R.CR_STOP | R.CR_REMOTE_ABORT,
    pageStart: 0,
    pageStop: 0,
    boundary: 0,
    currentPage: 0,
    transmitPage: 0,
    transmitCount: 0,
    transmitStatus: 0,
    interruptStatus: R.ISR_RESET,
    interruptMask: 0,
    remoteAddress: 0,
    remoteCount: 0,
    receiveConfig: 0,
    receiveStatus: 0,
    transmitConfig: 0,
    dataConfig: 0,
    physicalAddress: new Uint8Array(6),
    multicastFilter: new Uint8Array(8),
    memory: new Uint8Array(RAM_SIZE),
    receiveBlocked: false,
  };
}
