// What carries a stream's messages: the modelled link (engine/subnet/link/link.ts), or nothing that takes time.

export interface Carrier {
  /**
   * Puts `bytes` on the wire after what was put there before, and calls `deliver` when they have arrived, in order.
   * Resolves when the last bit has left, before the propagation delay.
   */
  transmit(bytes: number, deliver: () => void): Promise<void>;
}

/** Arrives at once. */
export const instantCarrier: Carrier = {
  transmit(_bytes, deliver) {
    deliver();
    return Promise.resolve();
  },
};
