// Saved form of the text buffer: what is in it.

export interface TextMemoryState {
  version: 1;
  content: Uint8Array<ArrayBuffer>;
}
