// The supply of the absent pages of a VM's memory. The vCPU's worker requests them (`page-wanted` of VcpuEvent) and does
// what it can without them; the supply puts them into the p2m and rings the doorbell. A VM whose pages are all there
// from power-on to power-off has no supply.

export interface PageSupply {
  /** The page is needed, with `write` as a page of its own. Asked again while it is on its way. */
  want(page: number, write: boolean): void;
  /** Resolves when the page is there; it may go again in a later task of this worker. */
  bring(page: number): Promise<void>;
  /** What an absent page holds from now on; undefined: zero. The vCPU is stopped. */
  store(page: number, contents: Uint8Array | undefined): void;
  /** All absent pages are zero, wherever they are. The vCPU is stopped. */
  clear(): void;
  /** Nothing is wanted any more: gives back what it holds. */
  free(): void;
}
