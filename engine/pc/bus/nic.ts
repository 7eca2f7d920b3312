// What a network card is to the machine, and its cable to the card. Frames are Ethernet frames from the destination address
// to the end of the payload, without preamble and check sequence.
//
// Both directions have back-pressure: a sender whose frame is refused keeps it and is notified when to try again. Frames are
// lent for the duration of a call; a receiver that keeps one copies it.
import type { Device } from './device.ts';

/** Destination, source, EtherType. */
export const ETHERNET_HEADER = 14;
/** Bytes of payload that a frame carries at most: what a card lets its driver send. */
export const MTU = 1500;
/** A frame of full length, with room for one 802.1Q tag. */
export const MAXIMUM_FRAME = ETHERNET_HEADER + 4 + MTU;
/** What is shorter is padded on a real wire (60 bytes and the check sequence). */
export const MINIMUM_WIRE_FRAME = 60;

/** Of one machine. */
export const MAXIMUM_NICS = 8;

/** What every network card is set up with (device-model.ts). */
export const NIC_PROPERTIES = {
  index: { kind: 'number', least: 0, most: MAXIMUM_NICS - 1, help: "which of the machine's cards it is" },
  mac: { kind: 'mac', help: 'its address' },
} as const;

/** The cable, seen from the card. */
export interface NicPort {
  /** False: no room now; `Nic.transmitReady` follows. */
  transmit(frame: Uint8Array): boolean;
  /** The card has room again after it refused a frame. */
  receiveReady(): void;
  /** The guest's driver gave the card another address (6 bytes), or its first one again. */
  addressChanged?(mac: Uint8Array): void;
}

/** Frames since the machine was built, and why others were dropped or passed over. */
export interface NicCounters {
  transmitted: number;
  received: number;
  /** Shorter than an Ethernet header, in either direction. */
  runts: number;
  /** Longer than MAXIMUM_FRAME, in either direction. */
  oversize: number;
  /** What the guest asked for makes no sense: descriptors that loop, or lie outside of RAM. */
  malformed: number;
  /** Arrived while the guest's driver was not running. */
  unwanted: number;
  /** Not for this card, says the filter that the guest's driver set. */
  filtered: number;
}

export interface Nic extends Device {
  readonly counters: Readonly<NicCounters>;
  /** False: the guest has no buffer now; `NicPort.receiveReady` follows. A frame that the card drops counts as taken. */
  receive(frame: Uint8Array): boolean;
  /** The cable has room again after it refused a frame. */
  transmitReady(): void;
}

export function zeroCounters(): NicCounters {
  return { transmitted: 0, received: 0, runts: 0, oversize: 0, malformed: 0, unwanted: 0, filtered: 0 };
}
