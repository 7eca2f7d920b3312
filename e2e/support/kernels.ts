// Guests of a few instructions, for tests that need a running VM but no operating system. Entered in 32-bit protected mode.
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import type { ImageFile } from './datacenter.ts';

/** Sends back whatever arrives at COM1. */
export const ECHO_KERNEL = kernelFile('echo', [
  ...[0x66, 0xba, 0xfc, 0x03], //        mov dx, 3FCh (modem control)
  ...[0xb0, 0x03], //                    mov al, 3 (DTR, RTS: the other side may send)
  0xee, //                               out dx, al
  ...[0x66, 0xba, 0xfd, 0x03], // again: mov dx, 3FDh (line status)
  0xec, //                               in al, dx
  ...[0xa8, 0x01], //                    test al, 1 (data ready)
  ...[0x74, 0xf7], //                    jz again
  ...[0x66, 0xba, 0xf8, 0x03], //        mov dx, 3F8h (data)
  0xec, //                               in al, dx
  0xee, //                               out dx, al
  ...[0xeb, 0xef], //                    jmp again
]);

/** Bytes that FLOOD_KERNEL prints for each byte it receives, before "END". */
export const FLOOD_BYTES = 20 << 20;

/** Prints lines of dots as fast as it can when something arrives at COM1, then "END". */
export const FLOOD_KERNEL = kernelFile('flood', [
  ...[0x66, 0xba, 0xfc, 0x03, 0xb0, 0x03, 0xee], //  mov dx, 3FCh; mov al, 3; out dx, al (DTR, RTS)
  ...[0x66, 0xba, 0xfd, 0x03], //             wait: mov dx, 3FDh (line status)
  ...[0xec, 0xa8, 0x01, 0x74, 0xf7], //             in al, dx; test al, 1; jz wait
  ...[0x66, 0xba, 0xf8, 0x03, 0xec], //             mov dx, 3F8h; in al, dx
  ...[0xb9, ...littleEndian(FLOOD_BYTES)], //       mov ecx, FLOOD_BYTES
  ...[0xb0, 0x2e], //                         next: mov al, '.'
  ...[0xf6, 0xc1, 0x3f, 0x75, 0x05], //             test cl, 63; jnz put
  ...[0xb0, 0x0d, 0xee, 0xb0, 0x0a], //             mov al, CR; out dx, al; mov al, LF
  ...[0xee, 0x49, 0x75, 0xf0], //              put: out dx, al; dec ecx; jnz next
  ...[...Buffer.from('END\r\n')].flatMap((byte) => [0xb0, byte, 0xee]),
  ...[0xeb, 0xcc], //                               jmp wait
]);

/** What CRASHING_KERNEL has in EAX when it crashes. */
export const CRASH_MARK = 0xdeadbeef;

/** Takes an empty IDT from zeroed memory and raises #BP: neither that nor the #GP and #DF after it can be delivered. */
export const CRASHING_KERNEL = kernelFile('crash', [
  ...[0xb8, 0xef, 0xbe, 0xad, 0xde], //             mov eax, CRASH_MARK
  ...[0x0f, 0x01, 0x1d, 0x00, 0x90, 0x00, 0x00], // lidt [9000h]
  0xcc, //                                          int3
]);

function littleEndian(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);
}

/** Comes to its end. */
export const HALTING_KERNEL = kernelFile('halt', [0xfa, 0xf4]); // cli; hlt

function kernelFile(name: string, code: number[]): ImageFile {
  return file(name, Buffer.from(tinyKernel(code)));
}

export function file(name: string, buffer: Buffer): ImageFile {
  return { name, mimeType: 'application/octet-stream', buffer };
}
