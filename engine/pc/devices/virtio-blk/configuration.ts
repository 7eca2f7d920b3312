// The device configuration of a virtio disk, struct virtio_blk_config (virtio 1.2, §5.2.4):
//
//   0 capacity u64 (sectors)      8 size_max u32         12 seg_max u32
//   16 cylinders u16, heads u8, sectors u8               20 blk_size u32
//   24 physical_block_exp u8, alignment_offset u8, min_io_size u16    28 opt_io_size u32
//   32 writeback u8               34 num_queues u16
//   36 max_discard_sectors u32    40 max_discard_seg u32    44 discard_sector_alignment u32
//   48 max_write_zeroes_sectors u32   52 max_write_zeroes_seg u32   56 write_zeroes_may_unmap u8

import { SECTOR } from '../../bus/block.ts';

export const CONFIG_SIZE = 60;
export const WRITEBACK = 32;

export const QUEUE_SIZE = 256;
/** Of a request's data: the ring has room for that, header and status. */
const MAXIMUM_SEGMENTS = QUEUE_SIZE - 2;
const MAXIMUM_SEGMENT_BYTES = 64 * 1024;
/** Of one request. */
export const MAXIMUM_REQUEST_BYTES = MAXIMUM_SEGMENTS * MAXIMUM_SEGMENT_BYTES;
/** Of one range to discard, or to write zeros to: 1 GiB. */
export const MAXIMUM_RANGE_SECTORS = 2 ** 21;
/** Ranges in a request. */
export const MAXIMUM_RANGES = 16;

/** 4 KiB: what file systems should keep to. */
const PHYSICAL_BLOCK_EXPONENT = 3;
/** In blocks of SECTOR: 4 KiB and 64 KiB. */
const MINIMUM_IO = 8;
const OPTIMAL_IO = 128;
/** As translations of BIOSes have it, which few guests read. */
const HEADS = 16;
const SECTORS_PER_TRACK = 63;
const MAXIMUM_CYLINDERS = 16383;

export function configuration(sectors: number, writeback: boolean): DataView {
  const view = new DataView(new ArrayBuffer(CONFIG_SIZE));
  view.setUint32(0, sectors % 2 ** 32, true);
  view.setUint32(4, Math.floor(sectors / 2 ** 32), true);
  view.setUint32(8, MAXIMUM_SEGMENT_BYTES, true);
  view.setUint32(12, MAXIMUM_SEGMENTS, true);
  const cylinders = Math.floor(sectors / (HEADS * SECTORS_PER_TRACK));
  view.setUint16(16, Math.min(cylinders, MAXIMUM_CYLINDERS), true);
  view.setUint8(18, HEADS);
  view.setUint8(19, SECTORS_PER_TRACK);
  view.setUint32(20, SECTOR, true);
  view.setUint8(24, PHYSICAL_BLOCK_EXPONENT);
  view.setUint16(26, MINIMUM_IO, true);
  view.setUint32(28, OPTIMAL_IO, true);
  view.setUint8(WRITEBACK, writeback ? 1 : 0);
  view.setUint16(34, 1, true);
  view.setUint32(36, MAXIMUM_RANGE_SECTORS, true);
  view.setUint32(40, MAXIMUM_RANGES, true);
  view.setUint32(44, OPTIMAL_IO, true);
  view.setUint32(48, MAXIMUM_RANGE_SECTORS, true);
  view.setUint32(52, MAXIMUM_RANGES, true);
  view.setUint8(56, 1);
  return view;
}
