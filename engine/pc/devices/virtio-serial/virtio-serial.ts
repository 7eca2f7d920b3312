// A virtio console device with several ports (virtio 1.2, §5.3), as QEMU's virtio-serial: each port is a byte stream with a name. Queues
// 0 and 1 are port 0's (input to the guest, output of it), 2 and 3 the control queues, then two for each further port. The host's
// end of every port is always open.
//
// Units of its transfers: one buffer of the guest filled, one chain of output passed on, one message carried out. A chain of output
// is passed on only when all of it is there, so no byte is passed on twice.
import { type DmaMemory, StateError } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type Chain, canScatter, gather, type Segment, scatter } from '../virtio/descriptor-chain.ts';
import { F_ANY_LAYOUT, F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet } from '../virtio/features.ts';
import type { VirtioInterfaces } from '../virtio/interfaces.ts';
import type { VirtioDevice } from '../virtio/transport.ts';
import { type Buses, VirtioPci } from '../virtio/virtio-pci.ts';
import {
  type ControlMessage,
  DEVICE_ADD,
  DEVICE_READY,
  encodeMessage,
  MESSAGE_SIZE,
  PORT_NAME,
  PORT_OPEN,
  PORT_READY,
  readMessage,
} from './control-message.ts';
import type { VirtioSerialState } from './persist.ts';
import { type PortWiring, VirtioSerialPort } from './serial-port.ts';

const F_MULTIPORT = 1;

const CONSOLE_DEVICE = 3;
/** Communication controller, other (PCI code and ID assignment): as QEMU has it. */
const CLASS_COMMUNICATION_OTHER = 0x078000;
const CONTROL_RECEIVE = 2;
const CONTROL_TRANSMIT = 3;
/** struct virtio_console_config: cols u16, rows u16, max_nr_ports u32. */
const CONFIG_SIZE = 8;
const CONFIG_PORTS = 4;
const QUEUE_SIZE = 128;

/** Ports 1 to this; 0 would be a console. */
export const LAST_PORT = 7;
const PORTS = LAST_PORT + 1;

/** Longer chains of output are dropped: no driver makes them, and a guest must not hold up its machine with one. Bytes. */
const LONGEST_CHAIN = 1 << 20;
/** Passed on in one transfer; the rest comes in the next, bytes. */
const OUTPUT_PER_TRANSFER = 1 << 16;
/** Messages that wait for buffers: more than every port's together; further ones are dropped. */
const MOST_MESSAGES = 8 * PORTS;
/** Bytes; one with a name is the longest. */
const LONGEST_MESSAGE = 1024;

export class VirtioSerial implements VirtioDevice {
  readonly name: string;
  readonly type = CONSOLE_DEVICE;
  readonly features = featureSet(F_MULTIPORT, F_ANY_LAYOUT, F_RING_INDIRECT_DESC, F_RING_EVENT_IDX, F_VERSION_1);
  readonly queueSizes = new Array<number>(2 + 2 * PORTS).fill(QUEUE_SIZE);
  readonly configSize = CONFIG_SIZE;
  readonly pci: VirtioPci;
  readonly #ports = new Map<number, VirtioSerialPort>();
  #messages: Uint8Array[] = [];

  constructor(name: string, buses: Buses, interfaces?: VirtioInterfaces) {
    this.name = name;
    this.pci = new VirtioPci(this, CLASS_COMMUNICATION_OTHER, buses, interfaces);
  }

  /** `number`: 1 to LAST_PORT, not taken yet (`hasPort`). */
  addPort(number: number, wiring: PortWiring): VirtioSerialPort {
    const port = new VirtioSerialPort(number, wiring, () => this.pci.transport.serve(inputQueue(number)));
    this.#ports.set(number, port);
    return port;
  }

  // ---- VirtioDevice

  readConfig(offset: number, size: number): number {
    const config = new DataView(new ArrayBuffer(CONFIG_SIZE));
    config.setUint32(CONFIG_PORTS, PORTS, true);
    let value = 0;
    for (let i = size - 1; i >= 0; i--)
      value = value * 256 + (offset + i < CONFIG_SIZE ? config.getUint8(offset + i) : 0);
    return value;
  }

  writeConfig(): void {}

  queueReady(queue: number): void {
    if (queue === CONTROL_RECEIVE) this.#sendMessages();
    else if (queue === CONTROL_TRANSMIT) this.#obeyMessages();
    else if (queue % 2 === 0) this.#giveInput(queue);
    else this.#passOutput(queue);
  }

  resetDevice(): void {
    this.#messages = [];
    for (const port of this.#ports.values()) port.setOpen(false);
  }

  // ---- Device

  reset(): void {
    this.pci.transport.reset();
  }

  save(): VirtioSerialState {
    return {
      version: 1,
      transport: this.pci.transport.save(),
      messages: [...this.#messages],
      ports: [...this.#ports.values()].map(({ number, guestOpen, input }) => ({ number, guestOpen, input })),
    };
  }

  restore(state: VirtioSerialState): void {
    const form = requireForm(this.name, state, {
      ...this.save(),
      transport: state?.transport,
      messages: state?.messages,
      ports: state?.ports,
    });
    if (!areMessages(form.messages) || !arePorts(form.ports))
      throw new StateError(`The saved state of ${this.name} is damaged: messages or ports are not as expected.`);
    this.#messages = form.messages.map((message) => message.slice());
    for (const { number, guestOpen, input } of form.ports) this.#ports.get(number)?.restore(guestOpen, input);
    this.pci.transport.restore(this.name, form.transport);
  }

  // ---- Control

  #say(message: ControlMessage, name?: string): void {
    if (this.#messages.length >= MOST_MESSAGES) return;
    this.#messages.push(encodeMessage(message, name));
    this.pci.transport.serve(CONTROL_RECEIVE);
  }

  #sendMessages(): void {
    const { transport } = this.pci;
    transport.withQueue(CONTROL_RECEIVE, (queue) => {
      for (let message = this.#messages[0]; message; message = this.#messages[0]) {
        const chain = queue.take();
        if (!chain) return;
        const fits = !('malformed' in chain) && canScatter(transport.memory, chain.writable, message.length);
        const written = fits ? scatter(transport.memory, chain.writable, message) : undefined;
        if (written !== undefined) this.#messages.shift();
        queue.complete(chain.head, written ?? 0);
      }
    });
  }

  #obeyMessages(): void {
    const { transport } = this.pci;
    const bytes = new Uint8Array(MESSAGE_SIZE);
    transport.withQueue(CONTROL_TRANSMIT, (queue) => {
      for (let chain = queue.take(); chain; chain = queue.take()) {
        const whole =
          'malformed' in chain || chain.readableBytes < MESSAGE_SIZE ? [] : firstBytes(chain.readable, MESSAGE_SIZE);
        if (whole.length > 0 && gather(transport.memory, whole, bytes)) this.#obey(readMessage(bytes));
        queue.complete(chain.head, 0);
      }
    });
  }

  #obey({ port: number, event, value }: ControlMessage): void {
    if (event === DEVICE_READY) {
      // A driver that has failed says 0.
      if (value === 1) for (const port of this.#ports.keys()) this.#say({ port, event: DEVICE_ADD, value: 1 });
      return;
    }
    const port = this.#ports.get(number);
    if (!port) return;
    if (event === PORT_READY && value === 1) {
      if (port.wiring.name !== '') this.#say({ port: number, event: PORT_NAME, value: 1 }, port.wiring.name);
      this.#say({ port: number, event: PORT_OPEN, value: 1 });
    }
    if (event === PORT_OPEN) port.setOpen(value === 1);
  }

  // ---- Data

  #giveInput(queue: number): void {
    const port = this.#ports.get(portOf(queue));
    if (!port) return;
    const { transport } = this.pci;
    transport.withQueue(queue, (session) => {
      while (port.input.length > 0) {
        const chain = session.take();
        if (!chain) return;
        session.complete(chain.head, 'malformed' in chain ? 0 : fill(transport.memory, chain, port));
      }
    });
  }

  /** A queue without a port has its output dropped. */
  #passOutput(queue: number): void {
    const port = this.#ports.get(portOf(queue));
    const { transport } = this.pci;
    const more = transport.withQueue(queue, (session) => {
      let passed = 0;
      for (let chain = session.take(); chain; chain = session.take()) {
        if (passed >= OUTPUT_PER_TRANSFER) {
          session.putBack(1);
          return true;
        }
        if (!('malformed' in chain) && chain.readableBytes <= LONGEST_CHAIN) {
          const bytes = new Uint8Array(chain.readableBytes);
          if (gather(transport.memory, chain.readable, bytes)) port?.wiring.output(bytes);
        }
        passed += 'malformed' in chain ? 0 : Math.min(chain.readableBytes, LONGEST_CHAIN);
        session.complete(chain.head, 0);
      }
      return false;
    });
    if (more) transport.serve(queue);
  }
}

/** Returns how many bytes of the port's input the guest's buffer has had. */
function fill(memory: DmaMemory, chain: Chain, port: VirtioSerialPort): number {
  const piece = port.input.subarray(0, chain.writableBytes);
  const written = canScatter(memory, chain.writable, piece.length) ? scatter(memory, chain.writable, piece) : undefined;
  if (written) port.taken(written);
  return written ?? 0;
}

function firstBytes(segments: readonly Segment[], count: number): Segment[] {
  const first: Segment[] = [];
  for (const { address, length } of segments) {
    if (count === 0) break;
    first.push({ address, length: Math.min(length, count) });
    count -= Math.min(length, count);
  }
  return first;
}

/** Port 0 has the queues before the control queues, the others those behind them. */
function inputQueue(port: number): number {
  return port === 0 ? 0 : 2 + 2 * port;
}

function portOf(queue: number): number {
  return queue < CONTROL_RECEIVE ? 0 : (queue >> 1) - 1;
}

function areMessages(value: unknown): boolean {
  const isMessage = (message: unknown) => message instanceof Uint8Array && message.length <= LONGEST_MESSAGE;
  return Array.isArray(value) && value.length <= MOST_MESSAGES && value.every(isMessage);
}

function arePorts(value: unknown): boolean {
  const isPort = (port: Partial<VirtioSerialState['ports'][number]> | null) =>
    typeof port?.number === 'number' && typeof port.guestOpen === 'boolean' && port.input instanceof Uint8Array;
  return Array.isArray(value) && value.every(isPort);
}
