// The I/O port space: 64 Ki byte-wide ports, each claimed by at most one handler.
//
// An access wider than its handler's claim is split: the ports that one handler owns are handed over in one access, anything
// else byte by byte, lowest port first, as the ISA bus does. At unclaimed ports reads are all ones, writes are dropped, and
// both are counted per port so that a guest's probing can be diagnosed.
import { PlaceTakenError, type PortBus, type PortHandler } from './device.ts';

interface Claim {
  handler: PortHandler;
  first: number;
  last: number;
}

export class IoPortBus implements PortBus {
  readonly #claims = new Map<number, Claim>();
  /** Accesses to unclaimed ports: port → how often since power-on. */
  readonly unclaimed = new Map<number, number>();

  register(first: number, count: number, handler: PortHandler): void {
    const last = first + count - 1;
    if (first < 0 || last > 0xffff || count < 1)
      throw new PlaceTakenError(`there are no ports 0x${first.toString(16)} + ${count}`);
    for (let port = first; port <= last; port++) {
      if (this.#claims.has(port)) throw new PlaceTakenError(`port 0x${port.toString(16)} is already taken`);
    }
    this.take(first, count, handler);
  }

  /** As register, but takes ports away from the handlers that have them. */
  take(first: number, count: number, handler: PortHandler): void {
    const claim = { handler, first, last: first + count - 1 };
    for (let port = first; port <= claim.last; port++) this.#claims.set(port, claim);
  }

  isFree(first: number, count: number): boolean {
    if (first < 0 || first + count - 1 > 0xffff) return false;
    for (let port = first; port < first + count; port++) if (this.#claims.has(port)) return false;
    return true;
  }

  /** Releases the ports that one `register(first, …)` claimed: a device's BAR was moved or closed. */
  unregister(first: number): void {
    const claim = this.#claims.get(first);
    if (claim?.first !== first) return;
    for (let port = first; port <= claim.last; port++) this.#claims.delete(port);
  }

  /** `size` is 1, 2 or 4; the result is unsigned. */
  read(port: number, size: number): number {
    const claim = this.#claims.get(port);
    if (claim && port + size - 1 <= claim.last) return claim.handler.read(port, size) >>> 0;
    if (size === 1) {
      this.#count(port);
      return 0xff;
    }
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.read((port + i) & 0xffff, 1);
    return value;
  }

  write(port: number, size: number, value: number): void {
    const claim = this.#claims.get(port);
    if (claim && port + size - 1 <= claim.last) {
      claim.handler.write(port, size, value >>> 0);
    } else if (size === 1) {
      this.#count(port);
    } else {
      for (let i = 0; i < size; i++) this.write((port + i) & 0xffff, 1, (value >>> (8 * i)) & 0xff);
    }
  }

  #count(port: number): void {
    this.unclaimed.set(port, (this.unclaimed.get(port) ?? 0) + 1);
  }
}

/**
 * A handler for registers that are one byte wide: a wider access reaches them one after the other, lowest port first.
 * The values given to and taken from the two functions are bytes.
 */
export function bytePorts(read: (port: number) => number, write: (port: number, value: number) => void): PortHandler {
  return {
    read(port, size) {
      let value = 0;
      for (let i = 0; i < size; i++) value += (read(port + i) & 0xff) * 2 ** (8 * i);
      return value;
    },
    write(port, size, value) {
      for (let i = 0; i < size; i++) write(port + i, (value >>> (8 * i)) & 0xff);
    },
  };
}
