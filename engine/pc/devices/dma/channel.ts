// One DMA channel between a device and guest memory (bus/dma-channel.ts).
//
// A device asks as long as it has bytes or room for them, so single, demand and block mode come to the same. A request of
// software has no device at the other end: it runs to terminal count (data sheet, "Software Commands"), and what goes to memory is
// the bus at rest, ones.
import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { DmaMemory } from '../../bus/device.ts';
import type { DmaChannel, DmaPeer } from '../../bus/dma-channel.ts';
import type { Transfer, TransferRequests } from '../../bus/transfers.ts';
import type { DmaController } from './controller.ts';

export interface ChannelWiring {
  controller: DmaController;
  /** 0..3 of its controller. */
  index: number;
  /** Bytes of a unit: 1 or 2. */
  width: 1 | 2;
  /** Bits 23..16 of the address. */
  page: () => number;
  /** Does the way to the CPU's bus lead through a controller that passes it on? */
  reachesBus: () => boolean;
  memory: DmaMemory;
  transfers: TransferRequests;
}

export class Channel implements DmaChannel {
  readonly #w: ChannelWiring;
  readonly #transfer: Transfer = () => this.#serve();
  #peer: DmaPeer | undefined;

  constructor(wiring: ChannelWiring) {
    this.#w = wiring;
  }

  connect(peer: DmaPeer): void {
    this.#peer = peer;
  }

  request(): void {
    if (this.#open) this.#w.transfers.request(this.#transfer);
  }

  /** Is DREQ high? */
  get requested(): boolean {
    return this.#peer?.direction !== undefined;
  }

  get #open(): boolean {
    const { controller, index, reachesBus } = this.#w;
    if (!controller.enabled || controller.cascades(index) || !reachesBus()) return false;
    return controller.softwareRequested(index) || (!controller.masked(index) && this.requested);
  }

  /** A channel that initialises itself goes on after terminal count, in a transfer of its own. */
  #serve(): void {
    while (this.#open) {
      const moved = this.#unit();
      if (moved === 'stalled') return;
      if (moved === 'terminal') {
        this.request();
        return;
      }
    }
  }

  /** What lies within a page. Throws PageAbsentError with nothing done. */
  #unit(): 'moved' | 'terminal' | 'stalled' {
    const { controller, index, width, memory } = this.#w;
    const peer = controller.softwareRequested(index) ? undefined : this.#peer;
    const type = controller.transferType(index);
    const { first, units } = this.#range();
    if (type === 'none' || (peer && type !== 'verify' && type !== peer.direction)) return 'stalled';
    const down = controller.decrements(index);

    if (peer?.direction === 'from-memory') {
      const bytes = new Uint8Array(Math.min(units, Math.floor(peer.room / width)) * width);
      if (bytes.length === 0) return 'stalled';
      const start = down ? first + width - bytes.length : first;
      if (type === 'verify' || !memory.read(start, bytes)) bytes.fill(0xff);
      else if (down) reverseUnits(bytes, width);
      const terminal = controller.advance(index, bytes.length / width);
      peer.put(bytes, terminal);
      return terminal ? 'terminal' : 'moved';
    }
    const given = peer?.peek() ?? new Uint8Array(units * width).fill(0xff);
    const count = Math.min(units, Math.floor(given.length / width));
    if (count === 0) return 'stalled';
    if (type === 'to-memory') {
      const bytes = given.slice(0, count * width);
      if (down) reverseUnits(bytes, width);
      memory.write(down ? first + width - bytes.length : first, bytes);
    }
    const terminal = controller.advance(index, count);
    peer?.taken(count * width, terminal);
    return terminal ? 'terminal' : 'moved';
  }

  /** Guest-physical address of the next unit, and how many there are to terminal count, the page's end or the counter's wrap. */
  #range(): { first: number; units: number } {
    const { controller, index, width, page } = this.#w;
    const address = controller.address(index);
    const first = width === 1 ? (page() << 16) | address : ((page() & 0xfe) << 16) | (address << 1);
    const inPage = (first % PAGE_SIZE) / width;
    const units = controller.decrements(index) ? inPage + 1 : PAGE_SIZE / width - inPage;
    return { first, units: Math.min(units, controller.remaining(index)) };
  }
}

function reverseUnits(bytes: Uint8Array, width: number): void {
  bytes.reverse();
  if (width === 1) return;
  for (let i = 0; i < bytes.length; i += 2) [bytes[i], bytes[i + 1]] = [bytes[i + 1], bytes[i]];
}
