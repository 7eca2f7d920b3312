/** One 8237A. */
export interface DmaControllerState {
  /** For each channel base and current address and count: 16 bits each. */
  baseAddress: number[];
  baseCount: number[];
  address: number[];
  count: number[];
  mode: number[];
  command: number;
  mask: number;
  /** Requests of software, a bit for each channel. */
  requests: number;
  /** Channels that have reached terminal count since the status was read. */
  terminalCounts: number;
  /** The next access to a 16-bit register is of its high byte. */
  highByte: boolean;
  temporary: number;
}

export interface DmaState {
  version: 2;
  controllers: DmaControllerState[];
  /** Ports 81h..8Fh, index 0 unused. */
  pages: Uint8Array;
}

/** Nothing was transferred in version 1, and the second controller passed nothing on: as firmware leaves it, it does. */
export const DMA_UPGRADES = {
  1: ({ controllers, ...rest }: { controllers: DmaControllerState[] }) => ({
    ...rest,
    controllers: controllers.map((controller, i) => ({
      ...controller,
      terminalCounts: 0,
      ...(i === 1 && { mode: [0xc0, ...controller.mode.slice(1)], mask: controller.mask & ~1 }),
    })),
  }),
};
