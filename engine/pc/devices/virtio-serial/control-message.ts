// Messages of the control queues (virtio 1.2, §5.3.6.2): id u32 of the port, event u16, value u16; with PORT_NAME the name
// follows, without a NUL.

export const DEVICE_READY = 0;
export const DEVICE_ADD = 1;
export const PORT_READY = 3;
export const PORT_OPEN = 6;
export const PORT_NAME = 7;

/** Bytes before a name. */
export const MESSAGE_SIZE = 8;

export interface ControlMessage {
  port: number;
  event: number;
  value: number;
}

export function readMessage(bytes: Uint8Array): ControlMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { port: view.getUint32(0, true), event: view.getUint16(4, true), value: view.getUint16(6, true) };
}

export function encodeMessage({ port, event, value }: ControlMessage, name = ''): Uint8Array {
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(MESSAGE_SIZE + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, port, true);
  view.setUint16(4, event, true);
  view.setUint16(6, value, true);
  bytes.set(text, MESSAGE_SIZE);
  return bytes;
}
