// Frames on the subnet's channel: many in one message, since a message costs as much as fifty frames (4 KiB: 0.2 ms).
//
// Every node numbers the frames that it sends, from 0, without gaps. A node that comes back begins again at 0.

import { bytes, count, DecodeError, fields } from '../../base/decode.ts';
import type { MessageKind } from '../carrier/subnet.ts';
import { type Frame, HEADER_BYTES } from '../packet/ethernet.ts';
import { decodeSeal, type Seal } from '../presence/office.ts';

export interface FrameBatch {
  /** Number of the first frame. */
  first: number;
  /** Bytes of each frame. */
  lengths: Uint16Array;
  /** The frames one after the other. */
  bytes: Frame;
  /** By index in the batch, for frames of an office's holder: the receiver checks whether they still count. */
  seals?: Map<number, Seal>;
}

/** A message with more frames or bytes is rejected. */
const MAXIMUM_FRAMES = 8192;
const MAXIMUM_BYTES = 1 << 20;

/** @param seals of the frames that have one, by index. */
export function packFrames(frames: readonly Frame[], first: number, seals = new Map<number, Seal>()): FrameBatch {
  const packed = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let offset = 0;
  for (const frame of frames) {
    packed.set(frame, offset);
    offset += frame.length;
  }
  const lengths = Uint16Array.from(frames, (frame) => frame.length);
  return { first, lengths, bytes: packed, ...(seals.size > 0 && { seals }) };
}

/** The frames are views of the batch's bytes. */
export function unpackFrames(batch: FrameBatch): Frame[] {
  let offset = 0;
  return Array.from(batch.lengths, (length) => {
    offset += length;
    return batch.bytes.subarray(offset - length, offset);
  });
}

function decode(value: unknown): FrameBatch {
  const { first, lengths, bytes: packed, seals } = fields(value);
  if (!(lengths instanceof Uint16Array)) throw new DecodeError('lengths are not 16-bit numbers');
  if (lengths.length > MAXIMUM_FRAMES) throw new DecodeError('too many frames');
  if (lengths.some((length) => length < HEADER_BYTES)) throw new DecodeError('a frame is shorter than its header');
  const batch = {
    first: count(first, 'first'),
    lengths,
    bytes: bytes(packed, 'bytes'),
    ...(seals !== undefined && { seals: sealsOf(seals, lengths.length) }),
  };
  if (batch.bytes.length > MAXIMUM_BYTES) throw new DecodeError('too many bytes');
  const sum = lengths.reduce((total, length) => total + length, 0);
  if (sum !== batch.bytes.length) throw new DecodeError('the lengths do not add up to the bytes');
  return batch;
}

function sealsOf(value: unknown, frames: number): Map<number, Seal> {
  if (!(value instanceof Map) || value.size > frames) throw new DecodeError('seals are not a map of seals');
  return new Map([...value].map(([index, seal]) => [count(index, 'index'), decodeSeal(seal)]));
}

export const frameBatchKind: MessageKind<FrameBatch> = { name: 'ethernet-frames', decode };
