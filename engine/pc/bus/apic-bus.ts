// The bus between local APICs and I/O APICs (Intel SDM vol. 3 §10.1, §10.6; 82093AA datasheet, §3.2): interrupt messages go to the processors,
// the ends of level-triggered interrupts come back.

/** Bits 10..8 of the local APIC's command register and vectors and of the I/O APIC's redirection entries alike. */
export const DELIVERY_MODE = 0x700;
export const DELIVERY_FIXED = 0x000;
export const DELIVERY_LOWEST_PRIORITY = 0x100;
export const DELIVERY_NMI = 0x400;
export const DELIVERY_INIT = 0x500;
export const DELIVERY_EXTERNAL = 0x700;
/** Bit 11 of the same registers: the destination is a logical one. */
export const LOGICAL_DESTINATION_MODE = 0x800;

export interface ApicMessage {
  /** One of DELIVERY_*. */
  mode: number;
  vector: number;
  /** Level-triggered: the sender is told when it has been served. */
  level: boolean;
  /** Eight bits. */
  destination: number;
  logical: boolean;
}

interface ApicReceiver {
  /** False: the message is not for it, or not to be had now. */
  receive(message: ApicMessage): boolean;
}

interface ApicSender {
  endOfInterrupt(vector: number): void;
  /** A processor has become able to take what it could not before. */
  resend(): void;
}

export class ApicBus {
  readonly #receivers: ApicReceiver[] = [];
  readonly #senders: ApicSender[] = [];

  connectProcessor(receiver: ApicReceiver): void {
    this.#receivers.push(receiver);
  }

  connectSender(sender: ApicSender): void {
    this.#senders.push(sender);
  }

  get hasProcessor(): boolean {
    return this.#receivers.length > 0;
  }

  /** Has somebody taken it? Of a message to the lowest priority the first processor that can. */
  send(message: ApicMessage): boolean {
    if (message.mode === DELIVERY_LOWEST_PRIORITY) return this.#receivers.some((receiver) => receiver.receive(message));
    return this.#receivers.filter((receiver) => receiver.receive(message)).length > 0;
  }

  /** A processor has served a level-triggered interrupt. */
  endOfInterrupt(vector: number): void {
    for (const sender of this.#senders) sender.endOfInterrupt(vector);
  }

  /** For processors: their destinations, or whether they take interrupts at all, have changed. */
  receptive(): void {
    for (const sender of this.#senders) sender.resend();
  }
}
