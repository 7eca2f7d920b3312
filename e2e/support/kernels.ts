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

/** What CRASHING_KERNEL has in EAX when it crashes. */
export const CRASH_MARK = 0xdeadbeef;

/** Takes an empty IDT from zeroed memory and raises #BP: neither that nor the #GP and #DF after it can be delivered. */
export const CRASHING_KERNEL = kernelFile('crash', [
  ...[0xb8, 0xef, 0xbe, 0xad, 0xde], //             mov eax, CRASH_MARK
  ...[0x0f, 0x01, 0x1d, 0x00, 0x90, 0x00, 0x00], // lidt [9000h]
  0xcc, //                                          int3
]);

function kernelFile(name: string, code: number[]): ImageFile {
  return file(name, Buffer.from(tinyKernel(code)));
}

export function file(name: string, buffer: Buffer): ImageFile {
  return { name, mimeType: 'application/octet-stream', buffer };
}
