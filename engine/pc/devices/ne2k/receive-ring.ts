// The DP8390's receive ring: pages of packet memory from `pageStart` to before `pageStop`. The card fills from `currentPage`
// on, the driver empties up to `boundary`; that page is never reached, so that full and empty differ (data sheet, "Buffer
// Ring"). Each frame begins on a page, after four bytes: status, next page, length u16 with these four.
import { MINIMUM_WIRE_FRAME } from '../../bus/nic.ts';
import type { Ne2kState } from './persist.ts';

export const PAGE = 256;
/** Packet memory in the card's own addresses. */
export const RAM_START = 0x4000;
export const RAM_SIZE = 0x8000;

const HEADER = 4;
const CHECK_SEQUENCE = 4;

/** Does the ring lie in packet memory, and the page to be filled next in the ring? */
export function ringUsable({ pageStart, pageStop, currentPage }: Ne2kState): boolean {
  return (
    pageStart * PAGE >= RAM_START &&
    pageStop * PAGE <= RAM_START + RAM_SIZE &&
    currentPage >= pageStart &&
    currentPage < pageStop
  );
}

/** Puts a frame into a usable ring, padded as on the wire. False, with nothing changed, when there is no room. */
export function storeFrame(s: Ne2kState, frame: Uint8Array, status: number): boolean {
  const length = Math.max(frame.length, MINIMUM_WIRE_FRAME);
  const pages = Math.ceil((HEADER + length + CHECK_SEQUENCE) / PAGE);
  const ring = s.pageStop - s.pageStart;
  const ahead = s.boundary - s.currentPage;
  const room = ahead > 0 ? ahead : ahead + ring;
  if (pages >= room) return false;
  const next = s.pageStart + ((s.currentPage - s.pageStart + pages) % ring);
  const counted = length + HEADER;
  const stored = new Uint8Array(counted);
  stored.set([status, next, counted & 0xff, counted >> 8]);
  stored.set(frame, HEADER);
  const untilStop = (s.pageStop - s.currentPage) * PAGE;
  s.memory.set(stored.subarray(0, untilStop), s.currentPage * PAGE - RAM_START);
  s.memory.set(stored.subarray(untilStop), s.pageStart * PAGE - RAM_START);
  s.currentPage = next;
  return true;
}
