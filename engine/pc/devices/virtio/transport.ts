// What every virtio device has, whichever registers show it: status, feature negotiation, queues, interrupt status
// (virtio 1.2, §2.1, §2.2, §3.1, §4.1). The device itself is a VirtioDevice; its queues move only between DRIVER_OK and reset,
// only while the function may master the bus, and only in transfers (bus/transfers.ts): there is one for each queue, and
// whatever makes a queue worth looking at asks for it.
import { type DmaMemory, PageAbsentError, StateError } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { Transfer, TransferRequests } from '../../bus/transfers.ts';
import { F_RING_EVENT_IDX, F_VERSION_1, type FeatureSet, featureSet, hasFeature, isSubset } from './features.ts';
import type { VirtioState } from './persist.ts';
import { type QueueRegisters, type QueueSession, Virtqueue } from './virtqueue.ts';

export const STATUS_FEATURES_OK = 8;
export const STATUS_DRIVER_OK = 4;
export const STATUS_NEEDS_RESET = 64;
const INTERRUPT_QUEUE = 1;
const INTERRUPT_CONFIGURATION = 2;

/** The part that differs from device to device. */
export interface VirtioDevice {
  /** Device type (virtio 1.2, §5): 1 is a network card, 2 a disk. */
  readonly type: number;
  readonly features: FeatureSet;
  /** For each queue, how many entries it can have at most. */
  readonly queueSizes: readonly number[];
  /** The device configuration; what lies beyond it reads as zero. Sizes are bytes: 1, 2 or 4. */
  readonly configSize: number;
  readConfig(offset: number, size: number): number;
  writeConfig(offset: number, size: number, value: number): void;
  /**
   * A transfer of `queue`: the driver may have made buffers available, or the device has asked for it (`serve`). Repeated after
   * it threw PageAbsentError.
   */
  queueReady(queue: number): void;
  /** Back to before the driver came. */
  resetDevice(): void;
}

export interface TransportWiring {
  memory: DmaMemory;
  transfers: TransferRequests;
  /** The interrupt pin. */
  interrupt(asserted: boolean): void;
  busMaster(): boolean;
}

export class VirtioTransport {
  readonly device: VirtioDevice;
  readonly #queues: readonly Virtqueue[];
  readonly #wiring: TransportWiring;
  /** By queue. */
  readonly #transfers: readonly Transfer[];
  #s = initialState();

  constructor(device: VirtioDevice, wiring: TransportWiring) {
    this.device = device;
    this.#wiring = wiring;
    this.#queues = device.queueSizes.map((size) => new Virtqueue(wiring.memory, size));
    this.#transfers = device.queueSizes.map((_, n) => () => {
      if (this.running) device.queueReady(n);
    });
  }

  get memory(): DmaMemory {
    return this.#wiring.memory;
  }

  /** May the device use its queues now? */
  get running(): boolean {
    return (this.#s.status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === STATUS_DRIVER_OK && this.#wiring.busMaster();
  }

  negotiated(bit: number): boolean {
    return hasFeature(this.#s.features, bit);
  }

  // ---- Registers

  get status(): number {
    return this.#s.status;
  }

  set status(status: number) {
    const s = this.#s;
    if (status === 0) {
      this.reset();
      return;
    }
    const before = s.status;
    s.status = status | (before & STATUS_NEEDS_RESET);
    if (status & STATUS_FEATURES_OK && !this.#featuresAcceptable()) s.status &= ~STATUS_FEATURES_OK;
    if (!(status & ~before & STATUS_DRIVER_OK)) return;
    for (const queue of this.#queues) queue.eventIndex = this.negotiated(F_RING_EVENT_IDX);
    this.lookAtQueues();
  }

  /** The device can use its queues from now on: what the driver said of them before had no effect. */
  lookAtQueues(): void {
    for (const n of this.#queues.keys()) this.serve(n);
  }

  /** The word of the device's features that the driver has selected. */
  get selectedDeviceFeatures(): number {
    return word(this.device.features, this.#s.deviceFeatureSelect);
  }

  get selectedDriverFeatures(): number {
    return word(this.#s.features, this.#s.driverFeatureSelect);
  }

  /** What the driver accepts; nothing changes any more once it has said FEATURES_OK. */
  set selectedDriverFeatures(bits: number) {
    const s = this.#s;
    if (s.status & STATUS_FEATURES_OK) return;
    if (s.driverFeatureSelect === 0) s.features.low = bits;
    else if (s.driverFeatureSelect === 1) s.features.high = bits;
  }

  get deviceFeatureSelect(): number {
    return this.#s.deviceFeatureSelect;
  }

  set deviceFeatureSelect(select: number) {
    this.#s.deviceFeatureSelect = select;
  }

  get driverFeatureSelect(): number {
    return this.#s.driverFeatureSelect;
  }

  set driverFeatureSelect(select: number) {
    this.#s.driverFeatureSelect = select;
  }

  /** A driver of before version 1.0 accepts features, of the low word only, without FEATURES_OK; none once it runs. */
  acceptLegacyFeatures(low: number): void {
    if (this.#s.status & STATUS_DRIVER_OK) return;
    this.#s.features = { low: (low & this.device.features.low) >>> 0, high: 0 };
  }

  get queueSelect(): number {
    return this.#s.queueSelect;
  }

  set queueSelect(select: number) {
    this.#s.queueSelect = select;
  }

  /** Undefined when the driver has selected one that there is not. */
  get selectedQueue(): QueueRegisters | undefined {
    return this.#queues[this.#s.queueSelect];
  }

  /** Reading it acknowledges the interrupt (§4.1.4.5). */
  takeInterruptStatus(): number {
    const status = this.#s.interruptStatus;
    this.#setInterruptStatus(0);
    return status;
  }

  /** The driver notifies of a queue. @param queue as the guest says: it need not be one. */
  notified(queue: number): void {
    if (this.#queues[queue] !== undefined) this.serve(queue);
  }

  get queueCount(): number {
    return this.#queues.length;
  }

  // ---- For the device

  /** Asks for a transfer of a queue. What was asked for while the queues may not move has no effect. */
  serve(queue: number): void {
    if (this.running) this.#wiring.transfers.request(this.#transfers[queue]);
  }

  /**
   * A session on a queue, in a transfer: the only way in which a device gets at its chains. When it ends, the driver is
   * notified if it asked for that, and if the queue is broken. Returns what `work` returns. If `work` meets an absent page,
   * the chains that it has not completed are in the queue again, and the PageAbsentError is passed on.
   */
  withQueue<Result>(n: number, work: (queue: QueueSession) => Result): Result {
    const queue = this.#queues[n];
    queue.begin();
    try {
      return work(queue);
    } catch (error) {
      if (error instanceof PageAbsentError) queue.abandon();
      throw error;
    } finally {
      this.#endSession(queue);
    }
  }

  #endSession(queue: Virtqueue): void {
    if (queue.end()) this.#setInterruptStatus(this.#s.interruptStatus | INTERRUPT_QUEUE);
    if (queue.broken && !(this.#s.status & STATUS_NEEDS_RESET)) {
      this.#s.status |= STATUS_NEEDS_RESET;
      this.#setInterruptStatus(this.#s.interruptStatus | INTERRUPT_CONFIGURATION);
    }
  }

  reset(): void {
    this.#s = initialState();
    for (const queue of this.#queues) queue.reset();
    this.device.resetDevice();
    this.#wiring.interrupt(false);
  }

  save(): VirtioState {
    return { ...structuredClone(this.#s), version: 1, queues: this.#queues.map((queue) => queue.save()) };
  }

  /** `name`: of the device, for the StateError that says why a form is refused. */
  restore(name: string, state: unknown): void {
    const { queues, ...rest } = requireForm(name, state, this.save());
    if (queues.length !== this.#queues.length || !queues.every((queue, n) => this.#fits(queue.size, n))) {
      throw new StateError(`The saved state of ${name} is damaged: its queues are not as expected.`);
    }
    this.#s = structuredClone(rest);
    for (const [n, queue] of this.#queues.entries()) {
      queue.restore(queues[n]);
      queue.eventIndex = this.negotiated(F_RING_EVENT_IDX);
    }
    this.#wiring.interrupt(this.#s.interruptStatus !== 0);
    // Transfers that were asked for there are not saved.
    this.lookAtQueues();
  }

  #fits(size: number, queue: number): boolean {
    return size >= 1 && size <= this.#queues[queue].maximumSize && (size & (size - 1)) === 0;
  }

  #featuresAcceptable(): boolean {
    return isSubset(this.#s.features, this.device.features) && this.negotiated(F_VERSION_1);
  }

  #setInterruptStatus(status: number): void {
    this.#s.interruptStatus = status;
    this.#wiring.interrupt(status !== 0);
  }
}

function word(set: FeatureSet, select: number): number {
  if (select === 0) return set.low;
  return select === 1 ? set.high : 0;
}

function initialState(): Omit<VirtioState, 'queues'> {
  return {
    version: 1,
    status: 0,
    interruptStatus: 0,
    features: featureSet(),
    deviceFeatureSelect: 0,
    driverFeatureSelect: 0,
    queueSelect: 0,
  };
}
