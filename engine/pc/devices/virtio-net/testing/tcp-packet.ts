// TCP packets for tests, with a stack's own idea of their checksums. Tests only.
import { put16, put32 } from '../tcp-layout.ts';

export interface TcpPacketOptions {
  payload: number;
  version?: 4 | 6;
  sequence?: number;
  flags?: number;
  /** Bytes of TCP options. */
  options?: number;
  tagged?: boolean;
  /** IPv4 identification. */
  id?: number;
}

/** Where the TCP header begins. */
export function tcpOffset({ version = 4, tagged }: Pick<TcpPacketOptions, 'version' | 'tagged'>): number {
  return (tagged ? 18 : 14) + (version === 4 ? 20 : 40);
}

/** As a driver with offloads hands it over: lengths of the whole, checksums not computed. */
export function tcpPacket(wanted: TcpPacketOptions): Uint8Array {
  const { payload, version = 4, sequence = 1000, flags = 0x10, options = 0, tagged, id = 7 } = wanted;
  const ip = tagged ? 18 : 14;
  const tcp = tcpOffset(wanted);
  const packet = new Uint8Array(tcp + 20 + options + payload);
  packet.set([0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1]);
  if (tagged) packet.set([0x81, 0, 0, 5], 12);
  if (version === 4) {
    packet.set([0x08, 0, 0x45, 0], ip - 2);
    put16(packet, ip + 2, packet.length - ip);
    put16(packet, ip + 4, id);
    packet.set([0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], ip + 6);
  } else {
    packet.set([0x86, 0xdd, 0x60], ip - 2);
    put16(packet, ip + 4, packet.length - tcp);
    packet.set([6, 64, 0xfe, 0x80], ip + 6);
    packet.set([1, 0xfe, 0x80], ip + 23);
    packet[ip + 39] = 2;
  }
  put16(packet, tcp, 80);
  put16(packet, tcp + 2, 40000);
  put32(packet, tcp + 4, sequence);
  put32(packet, tcp + 8, 99);
  packet[tcp + 12] = ((20 + options) / 4) << 4;
  packet[tcp + 13] = flags;
  put16(packet, tcp + 14, 500);
  packet.fill(1, tcp + 20, tcp + 20 + options);
  for (let i = 0; i < payload; i++) packet[tcp + 20 + options + i] = (i * 31 + (i >> 8)) & 0xff;
  return packet;
}

/** Are lengths and checksums of a frame right? Written apart from the code under test: the carry is added at once. */
export function rightOnTheWire(frame: Uint8Array): boolean {
  const ip = frame[12] === 0x81 ? 18 : 14;
  const four = frame[ip] >> 4 === 4;
  const tcp = ip + (four ? 20 : 40);
  const end = four ? ip + frame[ip + 2] * 256 + frame[ip + 3] : tcp + frame[ip + 4] * 256 + frame[ip + 5];
  const add = (bytes: number[]) => {
    let total = 0;
    for (let i = 0; i < bytes.length; i += 2) {
      total += bytes[i] * 256 + (bytes[i + 1] ?? 0);
      if (total > 0xffff) total -= 0xffff;
    }
    return total;
  };
  const addresses = four ? frame.subarray(ip + 12, ip + 20) : frame.subarray(ip + 8, ip + 40);
  const pseudo = [...addresses, 0, 6, (end - tcp) >> 8, (end - tcp) & 0xff];
  const header = four ? add([...frame.subarray(ip, tcp)]) : 0xffff;
  return end === frame.length && header === 0xffff && add([...pseudo, ...frame.subarray(tcp, end)]) === 0xffff;
}
