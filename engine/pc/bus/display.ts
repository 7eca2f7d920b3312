// What a display adapter is to its machine, and its picture as plain data. The adapter, in the vCPU's worker, says how its memory is to be
// read (`DisplayState`); whoever shows the picture draws it from that and from the memory (pc/display), in another worker. Nothing is
// computed while nobody asks.
//
// Video memory is counted in positions: four bytes at the address of the same number in each of the four planes, plane 0 first. So position
// n is bytes 4n to 4n + 3 of the memory, which a linear mode shows as they are.

/** In the vCPU's worker. */
export interface Display {
  /** Rises whenever `state` may have something else to say. */
  readonly changes: number;
  state(): DisplayState;
  /**
   * Leaves the text mode's memory as a BIOS does: blanks, grey on black, and the font of 256 characters with 16 bytes each, or none that
   * can be seen.
   */
  clearText(font?: Uint8Array): void;
}

/** Structured-cloneable. */
export interface DisplayState {
  /** Of the display when this was said. */
  changes: number;
  /** Where its memory lies in the VM's. */
  memory: { firstPage: number; pages: number };
  picture: Picture;
}

/** `bytes` and `planes`: pixels of 8 and of 4 bits; `pairs`: two bits from two planes each, as CGA's. */
export type Picture = BlankPicture | TextPicture | IndexedPicture | LinearPicture;

interface Shape {
  /** In pixels. */
  width: number;
  height: number;
  /** How many dots of the screen a pixel is wide, and how many scan lines high. */
  scaleX: number;
  scaleY: number;
}

/** The screen is off. */
export interface BlankPicture extends Shape {
  kind: 'blank';
}

export interface TextPicture extends Shape {
  kind: 'text';
  raster: Raster;
  cellWidth: 8 | 9;
  /** The ninth dot of the characters C0h to DFh is as their eighth. */
  lineGraphics: boolean;
  /** Bit 7 of attributes makes characters blink; otherwise it is one of the background's colour. */
  blinks: boolean;
  /** Positions of the fonts for attributes with bit 3 clear and set. A glyph has 32 bytes in plane 2. */
  fonts: [number, number];
  /** The scan line on which characters of the colour 1 are underlined; of no character if it is behind its last. */
  underline: number;
  cursor: TextCursor | undefined;
  /** 16 colours. */
  palette: Uint32Array<ArrayBuffer>;
}

export interface TextCursor {
  /** The position of its character. */
  position: number;
  /** Scan lines of the character, both included. */
  first: number;
  last: number;
}

export interface IndexedPicture extends Shape {
  kind: 'planes' | 'pairs' | 'bytes';
  raster: Raster;
  /** 16 colours, 256 of `bytes`. */
  palette: Uint32Array<ArrayBuffer>;
}

/** Of the Bochs VBE interface, except with 4 bits a pixel. */
export interface LinearPicture extends Shape {
  kind: 'linear';
  bitsPerPixel: 8 | 15 | 16 | 24 | 32;
  /** In bytes. */
  start: number;
  pitch: number;
  /** 256 colours with 8 bits a pixel, else empty. */
  palette: Uint32Array<ArrayBuffer>;
}

/** How the CRT controller goes through the memory: scan lines, from the first of the picture on, in rows of characters. */
export interface Raster {
  /** Character clocks in a line; each shows one position. */
  columns: number;
  /** Scan lines. */
  lines: number;
  /** Position of the first character. */
  start: number;
  /** Positions from one row to the next. */
  pitch: number;
  /** Scan lines of a row. */
  rowHeight: number;
  /** Each of them is shown twice. */
  doubled: boolean;
  /** The scan line of its row with which the picture begins. */
  presetRow: number;
  /** Pixels that are cut off on the left. */
  pan: number;
  /** From this scan line on the memory is shown from `splitStart` on, shifted by `splitPan`. */
  splitAt: number;
  splitStart: number;
  splitPan: number;
  /** Bits 0 and 1 of the scan line's number in its row take the place of these bits of the position; 0: they do not. */
  bankBits: [number, number];
  /** Positions wrap here: a power of two less one. */
  mask: number;
}
