// QEMU's firmware configuration device (QEMU, docs/specs/fw_cfg.rst). Items are selected by number and read from the start on: byte by
// byte at a port, or into memory by a descriptor whose address is written to another one. Files are items too; a directory says which.
// Only what describes this machine is offered, no kernel to load, and nothing can be written.
//
//   510h selector (word)   511h data (byte)   514h address of a descriptor (two dwords, big-endian, the lower one begins the transfer)
//
// A transfer is done in units of at most a page of guest memory, some at each safe point; the guest waits for it in the descriptor.
import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { FirmwareConfiguration } from '../../bus/boot.ts';
import type { Device, DmaMemory, PortBus } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { TransferRequests } from '../../bus/transfers.ts';
import { FW_CFG_UPGRADES, type FwCfgState, type FwCfgTransfer, idle, NO_TRANSFER } from './persist.ts';

const SELECTOR = 0x510;
const DATA = 0x511;
const ADDRESS_HIGH = 0x514;
const ADDRESS_LOW = 0x518;

const SIGNATURE = 0x00;
const INTERFACES = 0x01;
const UUID = 0x02;
const RAM_SIZE = 0x03;
const NO_GRAPHIC = 0x04;
const CPU_COUNT = 0x05;
const BOOT_MENU = 0x0e;
const MAXIMUM_CPU_COUNT = 0x0f;
const FILE_DIRECTORY = 0x19;
const FIRST_FILE = 0x20;

/** Interface bits. */
const TRADITIONAL = 1;
const TRANSFERS = 2;
/** "QEMU CFG", what the address reads as. */
const ADDRESS_SIGNATURE_HIGH = 0x51454d55;
const ADDRESS_SIGNATURE_LOW = 0x20434647;

const ENTRY_SIZE = 64;
const ENTRY_NAME = 8;

// A descriptor: control, length, address, big-endian.
const DESCRIPTOR_SIZE = 16;
const CONTROL_ERROR = 0x01;
const CONTROL_READ = 0x02;
const CONTROL_SKIP = 0x04;
const CONTROL_SELECT = 0x08;
const CONTROL_WRITE = 0x10;
/** At one safe point. */
const MAXIMUM_UNITS = 64;

export interface FwCfgWiring {
  memoryMiB: number;
  /** As it is after a reset: called when the guest first asks for something of it then. */
  configuration: () => FirmwareConfiguration;
  memory: DmaMemory;
  transfers: TransferRequests;
}

export class FwCfg implements Device<FwCfgState> {
  readonly name = 'fw-cfg';
  readonly #wiring: FwCfgWiring;
  readonly #run = () => this.#runTransfer();
  #items: ReadonlyMap<number, Uint8Array> | undefined;
  #selected = SIGNATURE;
  #position = 0;
  #addressHigh = 0;
  #transfer: FwCfgTransfer = idle();

  constructor(wiring: FwCfgWiring) {
    this.#wiring = wiring;
  }

  attach(ports: PortBus): void {
    // The selector is a word; its upper byte shares its port with the data.
    ports.register(SELECTOR, 2, {
      read: (port, size) => {
        let value = 0;
        for (let i = 0; i < size; i++) value += (port + i === DATA ? this.#next() : 0) * 2 ** (8 * i);
        return value;
      },
      write: (port, size, value) => {
        if (port === SELECTOR && size === 2) this.#select(value);
      },
    });
    ports.register(ADDRESS_HIGH, 8, {
      read: (port, size) => {
        const signature = port < ADDRESS_LOW ? ADDRESS_SIGNATURE_HIGH : ADDRESS_SIGNATURE_LOW;
        return (swapped(signature) >>> (8 * (port & 3))) & (2 ** (8 * size) - 1);
      },
      write: (port, size, value) => {
        if (size !== 4) return;
        if (port === ADDRESS_HIGH) this.#addressHigh = swapped(value);
        else if (port === ADDRESS_LOW) this.#begin(swapped(value));
      },
    });
  }

  reset(): void {
    this.#items = undefined;
    this.#select(SIGNATURE);
    this.#addressHigh = 0;
    this.#transfer = idle();
  }

  save(): FwCfgState {
    return {
      version: 2,
      selected: this.#selected,
      position: this.#position,
      addressHigh: this.#addressHigh,
      transfer: { ...this.#transfer },
    };
  }

  restore(state: FwCfgState): void {
    const form = requireForm(this.name, state, this.save(), FW_CFG_UPGRADES);
    this.#items = undefined;
    this.#selected = form.selected;
    this.#position = form.position;
    this.#addressHigh = form.addressHigh;
    this.#transfer = { ...form.transfer };
    if (this.#transfer.descriptor !== NO_TRANSFER) this.#wiring.transfers.request(this.#run);
  }

  #select(item: number): void {
    this.#selected = item;
    this.#position = 0;
  }

  /** Behind the end of an item, and for items there are not, zeros. */
  #next(): number {
    return this.#item[this.#position++] ?? 0;
  }

  get #item(): Uint8Array {
    this.#items ??= items(this.#wiring.memoryMiB, this.#wiring.configuration());
    return this.#items.get(this.#selected) ?? NOTHING;
  }

  /** One that is still under way is given up. */
  #begin(descriptor: number): void {
    const inReach = this.#addressHigh === 0;
    this.#addressHigh = 0;
    this.#transfer = idle();
    if (!inReach) return;
    this.#transfer.descriptor = descriptor;
    this.#wiring.transfers.request(this.#run);
  }

  /** Each step is done wholly or, where a page is absent, not at all. */
  #runTransfer(): void {
    const transfer = this.#transfer;
    if (transfer.descriptor === NO_TRANSFER) return;
    if (!transfer.begun && !this.#readDescriptor(transfer)) {
      this.#transfer = idle();
      return;
    }
    for (let units = 0; transfer.length > 0; units++) {
      if (units === MAXIMUM_UNITS) {
        this.#wiring.transfers.request(this.#run);
        return;
      }
      if (!this.#moveUnit(transfer)) {
        transfer.control = CONTROL_ERROR;
        transfer.length = 0;
      }
    }
    const answer = transfer.control & CONTROL_ERROR ? Uint8Array.of(0, 0, 0, CONTROL_ERROR) : new Uint8Array(4);
    this.#wiring.memory.write(transfer.descriptor, answer);
    this.#transfer = idle();
  }

  /** False: it is not in RAM, so there is nowhere to answer. */
  #readDescriptor(transfer: FwCfgTransfer): boolean {
    const bytes = new Uint8Array(DESCRIPTOR_SIZE);
    if (!this.#wiring.memory.read(transfer.descriptor, bytes)) return false;
    const view = new DataView(bytes.buffer);
    const control = view.getUint32(0);
    if (control & CONTROL_SELECT) this.#select(control >>> 16);
    const refused = (control & CONTROL_WRITE) !== 0 || view.getUint32(8) !== 0;
    const moves = (control & (CONTROL_READ | CONTROL_SKIP)) !== 0;
    transfer.begun = true;
    transfer.control = refused ? CONTROL_ERROR : control & (CONTROL_READ | CONTROL_SKIP);
    transfer.length = moves && !refused ? view.getUint32(4) : 0;
    transfer.address = view.getUint32(12);
    return true;
  }

  /** False: there is no RAM. */
  #moveUnit(transfer: FwCfgTransfer): boolean {
    if (!(transfer.control & CONTROL_READ)) {
      this.#advance(transfer, transfer.length);
      return true;
    }
    const count = Math.min(transfer.length, PAGE_SIZE - (transfer.address % PAGE_SIZE));
    const bytes = new Uint8Array(count);
    bytes.set(this.#item.subarray(this.#position, this.#position + count));
    if (!this.#wiring.memory.write(transfer.address, bytes)) return false;
    this.#advance(transfer, count);
    return true;
  }

  /** A position behind the end stays there: how far does not matter. */
  #advance(transfer: FwCfgTransfer, count: number): void {
    this.#position = Math.min(this.#position + count, this.#item.length);
    transfer.address += count;
    transfer.length -= count;
  }
}

const NOTHING = new Uint8Array();

function items(memoryMiB: number, configuration: FirmwareConfiguration): Map<number, Uint8Array> {
  const { uuid, hasDisplay, bootMenu, files } = configuration;
  const names = [...files.keys()].toSorted();
  return new Map([
    [SIGNATURE, new TextEncoder().encode('QEMU')],
    [INTERFACES, littleEndian(TRADITIONAL | TRANSFERS, 4)],
    [UUID, uuid],
    [RAM_SIZE, littleEndian(memoryMiB * 1024 * 1024, 8)],
    [NO_GRAPHIC, littleEndian(hasDisplay ? 0 : 1, 2)],
    [CPU_COUNT, littleEndian(1, 2)],
    [BOOT_MENU, littleEndian(bootMenu ? 1 : 0, 2)],
    [MAXIMUM_CPU_COUNT, littleEndian(1, 2)],
    [FILE_DIRECTORY, directory(names, files)],
    ...names.map((name, n): [number, Uint8Array] => [FIRST_FILE + n, files.get(name) ?? NOTHING]),
  ]);
}

/** How many there are; of each its size, its item, and its name. Big-endian. */
function directory(names: readonly string[], files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = new Uint8Array(4 + names.length * ENTRY_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, names.length);
  for (const [n, name] of names.entries()) {
    const entry = 4 + n * ENTRY_SIZE;
    view.setUint32(entry, files.get(name)?.length ?? 0);
    view.setUint16(entry + 4, FIRST_FILE + n);
    bytes.set(new TextEncoder().encode(name), entry + ENTRY_NAME);
  }
  return bytes;
}

function littleEndian(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}

/** The other byte order of 32 bits. */
function swapped(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
