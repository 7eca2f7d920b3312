// For tests: what a driver does with the controller of an IdeBench.
import { CD, CD_MASTER, CONTROL, DISK, DISK_MASTER, IdeBench } from './ide-bench.ts';

interface Parameters {
  features?: number;
  count?: number;
  lba?: number;
}

const LBA = 0xe0;

export class IdeDriver extends IdeBench {
  /** 28-bit: sets the registers and gives the command. */
  command(code: number, { features = 0, count = 0, lba = 0 }: Parameters = {}, base = DISK): void {
    const values = [features, count, lba & 0xff, (lba >> 8) & 0xff, (lba >> 16) & 0xff, LBA | (lba >> 24)];
    for (const [n, value] of values.entries()) this.out(base + 1 + n, value);
    this.out(base + 7, code);
  }

  /** 48-bit: each register twice. */
  extended(code: number, { features = 0, count = 0, lba = 0 }: Parameters): void {
    const byte = (n: number) => Math.floor(lba / 2 ** (8 * n)) & 0xff;
    for (const value of [features >> 8, features & 0xff]) this.out(DISK + 1, value);
    for (const value of [count >> 8, count & 0xff]) this.out(DISK + 2, value);
    for (const n of [0, 1, 2]) for (const value of [byte(n + 3), byte(n)]) this.out(DISK + 3 + n, value);
    this.out(DISK + 6, LBA);
    this.out(DISK + 7, code);
  }

  /** Without acknowledging the interrupt. */
  status(base = DISK): number {
    return this.in(base + CONTROL);
  }

  error(base = DISK): number {
    return this.in(base + 1);
  }

  /** The sector that the registers name. */
  lba(): number {
    return [0, 1, 2].reduce((sum, n) => sum + this.in(DISK + 3 + n) * 2 ** (8 * n), (this.in(DISK + 6) & 15) * 2 ** 24);
  }

  take(bytes: number, base = DISK, size: 2 | 4 = 2): Uint8Array {
    const data = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i += size) data.writeUIntLE(this.in(base, size), i, size);
    return Uint8Array.from(data);
  }

  give(bytes: Uint8Array, base = DISK, size: 2 | 4 = 2): void {
    for (let i = 0; i < bytes.length; i += size) this.out(base, Buffer.from(bytes).readUIntLE(i, size), size);
  }

  softwareReset(base = DISK): void {
    this.out(base + CONTROL, 4);
    this.out(base + CONTROL, 0);
  }

  /** Writes a table of descriptors and starts the bus master. */
  startMaster(base: number, table: number, descriptors: readonly (readonly [address: number, bytes: number])[]): void {
    for (const [n, [address, bytes]] of descriptors.entries()) {
      this.ram.view.setUint32(table + 8 * n, address, true);
      const last = n === descriptors.length - 1 ? 0x80000000 : 0;
      this.ram.view.setUint32(table + 8 * n + 4, ((bytes & 0xffff) | last) >>> 0, true);
    }
    const registers = base === DISK ? DISK_MASTER : CD_MASTER;
    this.out(registers, 0);
    this.out(registers + 2, 6);
    this.out(registers + 4, table, 4);
    this.out(registers, 9);
  }

  masterStatus(base = DISK): number {
    return this.in((base === DISK ? DISK_MASTER : CD_MASTER) + 2);
  }

  /** Sends a packet; what comes of it is there afterwards. `limit`: bytes of a DRQ block. */
  packet(bytes: readonly number[], { limit = 0xfffe, dma = false } = {}): void {
    for (const [n, value] of [dma ? 1 : 0, 0, 0, limit & 0xff, limit >> 8, 0xa0].entries()) this.out(CD + 1 + n, value);
    this.out(CD + 7, 0xa0);
    const padded = new Uint8Array(12);
    padded.set(bytes);
    this.give(padded, CD);
    this.settle();
  }

  /** The data of a packet's reply, by the DRQ blocks in which it came. */
  blocks(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    while (this.status(CD) & 0x08) {
      const bytes = this.in(CD + 4) | (this.in(CD + 5) << 8);
      blocks.push(this.take(bytes + (bytes % 2), CD).subarray(0, bytes));
      this.settle();
    }
    return blocks;
  }

  /** The whole reply. */
  reply(packet: readonly number[], limit?: number): Uint8Array {
    this.packet(packet, limit === undefined ? {} : { limit });
    return Uint8Array.from(this.blocks().flatMap((block) => [...block]));
  }

  /** What a packet without data comes to: sense key, code and qualifier, by REQUEST SENSE; zeros if it succeeds. */
  outcome(packet: readonly number[]): number[] {
    this.packet(packet);
    const failed = (this.in(CD + 7) & 1) !== 0;
    const sense = this.reply([0x03, 0, 0, 0, 18]);
    if (failed !== (sense[2] !== 0)) throw new Error('status and sense data contradict each other');
    return [sense[2]!, sense[12]!, sense[13]!];
  }
}
