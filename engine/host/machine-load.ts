// What the computer's cores are asked for, all hosts of all tabs together, so that no host shows more of them than there are.
//
// A vCPU's busy time is the time between its worker's entering and leaving guest code: all that a browser lets one measure.
// Where more vCPUs want to run than there are cores, the operating system stops threads in between, and that time is part of
// it. So the sum over all vCPUs may exceed the cores. What is over is waiting, not work: it is shown as *ready* time, taken
// from each vCPU in proportion, as a fair scheduler does. Both are estimates: what else the computer does is not seen, so
// the true used time may be less and the true ready time more.

import { count, DecodeError, fields, quantity } from '../base/decode.ts';
import type { Timebase } from '../base/timebase.ts';
import type { MessageKind, Subnet } from '../subnet/carrier/subnet.ts';

/** A host says nothing more: frozen or gone, it uses no core. ms. */
const EXPIRY_MS = 3000;
/** No tab has that many vCPUs. */
const MOST_CORES = 4096;

const LOAD: MessageKind<{ busy: number }> = {
  name: 'cpu-load',
  decode(value) {
    const busy = quantity(fields(value).busy, 'busy');
    if (busy > MOST_CORES) throw new DecodeError('busy is more than there are cores anywhere');
    return { busy };
  },
};

/** In cores. */
export interface CpuShare {
  used: number;
  ready: number;
}

/**
 * @param busy measured, in cores
 * @param demand of all vCPUs of the computer, `busy` among them
 */
export function apportion(busy: number, demand: number, cores: number): CpuShare {
  const used = demand > cores ? (busy * cores) / demand : busy;
  return { used, ready: busy - used };
}

export class MachineLoad {
  readonly cores: number;
  readonly #subnet: Subnet;
  readonly #timebase: Timebase;
  readonly #others = new Map<string, { busy: number; at: number }>();
  #own = 0;

  constructor(subnet: Subnet, timebase: Timebase, cores: number) {
    this.cores = Math.max(1, count(cores, 'cores'));
    this.#subnet = subnet;
    this.#timebase = timebase;
    subnet.on(LOAD, (from, { busy }) => this.#others.set(from, { busy, at: timebase.now() }));
  }

  /** What this host's vCPUs were busy over the last second, in cores. To be called about once a second. */
  tell(busy: number): void {
    const wasIdle = this.#own === 0;
    this.#own = busy;
    if (busy > 0 || !wasIdle) this.#subnet.broadcast(LOAD, { busy });
  }

  /** What a vCPU of this host had of its busy time. */
  share(busy: number): CpuShare {
    return apportion(busy, this.#demand(), this.cores);
  }

  #demand(): number {
    let demand = this.#own;
    for (const [id, { busy, at }] of this.#others) {
      if (this.#timebase.now() - at > EXPIRY_MS) this.#others.delete(id);
      else demand += busy;
    }
    return demand;
  }
}
