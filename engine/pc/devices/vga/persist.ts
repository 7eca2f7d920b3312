// Saved form of the display adapter. Its video memory is part of the VM's memory and moves with that.

export interface VgaRegistersState {
  sequencer: Uint8Array;
  graphics: Uint8Array;
  crtc: Uint8Array;
  attribute: Uint8Array;
  dac: Uint8Array;
  dacLatch: Uint8Array;
  wideDac: boolean;
  output: number;
  pelMask: number;
  featureControl: number;
  sequencerIndex: number;
  graphicsIndex: number;
  crtcIndex: number;
  attributeIndex: number;
  attributeData: boolean;
  dacReadIndex: number;
  dacWriteIndex: number;
  dacComponent: number;
  dacReading: boolean;
}

export interface VbeState {
  index: number;
  /** As written, by index. */
  registers: Uint16Array;
}

export interface VgaState {
  version: 1;
  registers: VgaRegistersState;
  vbe: VbeState;
  /** What the last read of the video memory has left in the four latches. */
  latches: number;
}
