// A channel of the ISA bus's DMA controllers as a device has it. The device raises DREQ by `request`; its bytes move in a transfer at the
// next safe point (transfers.ts), in units that lie within one page of memory, until it asks no more or terminal count is reached.

/** 0..3 move bytes, 5..7 words. Channel 4 joins the two controllers. */
export type DmaChannelNumber = 0 | 1 | 2 | 3 | 5 | 6 | 7;

export interface DmaChannel {
  /** The device at the channel; there is one at most. */
  connect(peer: DmaPeer): void;
  /** The device has bytes, or room. It is asked for again by itself when the guest changes the channel's set-up; not after a restore. */
  request(): void;
}

/** The device at a channel. Called only inside the transfer, but for `direction`. */
export interface DmaPeer {
  /** Which way it has something to move now; undefined: DREQ is low. */
  readonly direction: 'to-memory' | 'from-memory' | undefined;
  /** What it has for memory: looked at, not taken. */
  peek(): Uint8Array;
  /** The first `count` of these are in memory. `terminal`: with the last one came terminal count. */
  taken(count: number, terminal: boolean): void;
  /** How many bytes it takes. */
  readonly room: number;
  /** Bytes from memory, `room` at most; lent. */
  put(bytes: Uint8Array, terminal: boolean): void;
}
