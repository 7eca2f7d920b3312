// The control queue (virtio 1.2, §5.1.6.5): commands of the driver to the card. One is known, the setting of the card's own
// address; to all others the answer is that they failed.

import type { DmaMemory } from '../../bus/device.ts';
import { type Chain, canScatter, gather, scatter } from '../virtio/descriptor-chain.ts';

const CLASS_MAC = 1;
const MAC_ADDR_SET = 1;
const OK = 0;
const FAILED = 1;
const MAC_BYTES = 6;
/** Class, command and the address; longer commands are not supported. */
const LONGEST = 2 + MAC_BYTES;

/**
 * Carries out the command in the chain and answers into its last byte.
 * An absent page shows before the command takes effect.
 * @returns bytes written: 1, or undefined if the chain is no command (too short, or its addresses are not the guest's).
 */
export function carryOut(memory: DmaMemory, chain: Chain, setAddress: (mac: Uint8Array) => void): number | undefined {
  if (chain.readableBytes < 2 || chain.writableBytes < 1) return undefined;
  let answer = FAILED;
  if (chain.readableBytes === LONGEST) {
    const command = new Uint8Array(LONGEST);
    if (!gather(memory, chain.readable, command)) return undefined;
    canScatter(memory, chain.writable, 1);
    if (command[0] === CLASS_MAC && command[1] === MAC_ADDR_SET) {
      setAddress(command.subarray(2));
      answer = OK;
    }
  }
  return scatter(memory, chain.writable, Uint8Array.of(answer));
}
