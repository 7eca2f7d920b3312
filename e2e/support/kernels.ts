// Guests of a few instructions, for tests that need a running VM but no operating system. Entered in 32-bit protected mode.
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import type { ImageFile } from './datacenter.ts';

/** Sends back whatever arrives at COM1, and halts in between: it takes no CPU from what is tested beside it. */
export const ECHO_KERNEL = kernelFile('echo', [
  ...[0xbc, ...littleEndian(0x90000)], //                            mov esp, 90000h
  ...storing(0x9120, 0x0010005a), //                                 vector 24h, an interrupt gate: 10h:serial
  ...storing(0x9124, 0x00108e00),
  ...storing(0x8ff8, 0x900007ff), //                                 IDTR: limit 7FFh, base 9000h
  ...storing(0x8ffc, 0x00000000),
  ...[0x0f, 0x01, 0x1d, ...littleEndian(0x8ff8)], //                 lidt [8FF8h]
  ...[0xb0, 0x11, 0xe6, 0x20, 0xb0, 0x20, 0xe6, 0x21], //            the PIC: its vectors begin at 20h
  ...[0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x01, 0xe6, 0x21], //            with a slave, in 8086 mode
  ...[0xb0, 0xef, 0xe6, 0x21], //                                    all masked but IRQ 4
  ...[0x66, 0xba, 0xfc, 0x03, 0xb0, 0x0b, 0xee], //                  mov dx, 3FCh; mov al, 0Bh; out dx, al (DTR, RTS, OUT2)
  ...[0x66, 0xba, 0xf9, 0x03, 0xb0, 0x01, 0xee], //                  mov dx, 3F9h; mov al, 1; out dx, al (received data)
  ...[0xfb, 0xf4, 0xeb, 0xfc], //                              next: sti; hlt; jmp next
  ...[0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0x08], // serial: mov dx, 3FDh; in al, dx; test al, 1; jz done
  ...[0x66, 0xba, 0xf8, 0x03, 0xec, 0xee, 0xeb, 0xef], //            mov dx, 3F8h; in al, dx; out dx, al; jmp serial
  ...[0xb0, 0x20, 0xe6, 0x20, 0xcf], //                        done: mov al, 20h; out 20h, al; iret
]);

/** Bytes that FLOOD_KERNEL prints for each byte it receives, before "END". */
export const FLOOD_BYTES = 4 << 20;

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

/** MOV dword [address], value. */
function storing(address: number, value: number): number[] {
  return [0xc7, 0x05, ...littleEndian(address), ...littleEndian(value)];
}

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
