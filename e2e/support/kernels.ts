// Guests of a few instructions, for tests that need a running VM but no operating system. Entered in 32-bit protected mode.
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import type { FileContents } from './datacenter.ts';

/** What every guest of interrupts begins with. It halts in between: it takes no CPU from what is tested beside it. */
interface InterruptKernel {
  /** The only interrupt line that is not masked. */
  irq: number;
  /** Starts the device that interrupts, and what else there is to do first. */
  start: number[];
  /** Ends with the end of the interrupt and IRET. It may change every register. */
  handler: number[];
}

/** Where the image is entered. */
const ENTRY = 0x100000;
/** A doubleword in memory that is zero at first. */
const COUNT = 0x9ff0;
const END_OF_INTERRUPT = [0xb0, 0x20, 0xe6, 0x20, 0xcf]; // mov al, 20h; out 20h, al; iret

function interruptKernel(name: string, { irq, start, handler }: InterruptKernel): FileContents {
  const vector = 0x9000 + 8 * (0x20 + irq);
  const code = (address: number) => [
    ...[0xbc, ...littleEndian(0x90000)], //                  mov esp, 90000h
    ...storing(vector, 0x00100000 | (address & 0xffff)), //  an interrupt gate: 10h:handler
    ...storing(vector + 4, (address & 0xffff0000) | 0x8e00),
    ...storing(0x8ff8, 0x900007ff), //                       IDTR: limit 7FFh, base 9000h
    ...storing(0x8ffc, 0x00000000),
    ...[0x0f, 0x01, 0x1d, ...littleEndian(0x8ff8)], //       lidt [8FF8h]
    ...[0xb0, 0x11, 0xe6, 0x20, 0xb0, 0x20, 0xe6, 0x21], //  the PIC: its vectors begin at 20h
    ...[0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x01, 0xe6, 0x21], //  with a slave, in 8086 mode
    ...[0xb0, 0xff & ~(1 << irq), 0xe6, 0x21], //            all masked but that one
    ...start,
    ...[0xfb, 0xf4, 0xeb, 0xfc], //                    next: sti; hlt; jmp next
  ];
  return kernelFile(name, [...code(ENTRY + code(0).length), ...handler]);
}

/** Does `answer` for each byte that arrives at COM1: the byte is in AL, the port in DX, and DX may not be changed. */
function serialKernel(name: string, answer: number[], first: number[] = []): FileContents {
  return interruptKernel(name, {
    irq: 4,
    start: [
      ...first,
      ...[0x66, 0xba, 0xfc, 0x03, 0xb0, 0x0b, 0xee], // mov dx, 3FCh; mov al, 0Bh; out dx, al (DTR, RTS, OUT2)
      ...[0x66, 0xba, 0xf9, 0x03, 0xb0, 0x01, 0xee], // mov dx, 3F9h; mov al, 1; out dx, al (received data)
    ],
    handler: [
      ...[0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01], // next: mov dx, 3FDh; in al, dx; test al, 1
      ...[0x74, 7 + answer.length], //                        jz done
      ...[0x66, 0xba, 0xf8, 0x03, 0xec], //                   mov dx, 3F8h; in al, dx
      ...answer,
      ...[0xeb, 0x100 - (16 + answer.length)], //             jmp next
      ...END_OF_INTERRUPT, //                           done:
    ],
  });
}

const ECHO = [0xee]; // out dx, al

/** Sends back whatever arrives at COM1. */
export const ECHO_KERNEL = serialKernel('echo', ECHO);

/** What a VM with FILLED_KERNEL or TICKING_KERNEL needs. */
export const FILLED_MIB = 16;

/** Leaves no page from 2 MiB to 14 MiB zero, so that a move has something to copy. */
const FILL = [
  ...[0xbf, ...littleEndian(2 << 20)], //   mov edi, 2 MiB
  ...[0xb9, ...littleEndian(12 << 18)], //  mov ecx, 12 MiB in doublewords
  ...[0xb8, ...littleEndian(0x5a5a5a5a)], // mov eax, 5A5A5A5Ah
  ...[0xfc, 0xf3, 0xab], //                 cld; rep stosd
];

/** As ECHO_KERNEL, and it fills its memory. */
export const FILLED_KERNEL = serialKernel('filled', ECHO, FILL);

/** Sends for each byte that arrives the number of them that its memory holds: 1, 2, … 9. */
export const COUNTING_KERNEL = serialKernel('counting', [
  ...[0xfe, 0x05, ...littleEndian(COUNT)], // inc byte [COUNT]
  ...[0xa0, ...littleEndian(COUNT)], //       mov al, [COUNT]
  ...[0x04, 0x30, 0xee], //                   add al, '0'; out dx, al
]);

/** Powers itself off at a `p` and resets itself at an `r`, and echoes both. */
export const POWER_KERNEL = serialKernel('power', [
  0xee, //                                        out dx, al
  ...[0x3c, 0x70, 0x75, 0x0a], //                 cmp al, 'p'; jne reset
  ...[0x66, 0xba, 0x04, 0x06], //                 mov dx, 604h (PM1 control)
  ...[0x66, 0xb8, 0x00, 0x20, 0x66, 0xef], //     mov ax, 2000h (SLP_EN, S5); out dx, ax
  ...[0x3c, 0x72, 0x75, 0x04], //          reset: cmp al, 'r'; jne over
  ...[0xb0, 0xfe, 0xe6, 0x64], //                 mov al, FEh; out 64h, al
]); //                                      over:

/** Fills its memory, then prints "tick 1", "tick 2", … twenty times a second and writes to a few hundred of the filled pages. */
export const TICKING_KERNEL = interruptKernel('ticking', {
  irq: 0,
  start: [
    ...FILL,
    ...[0xb0, 0x34, 0xe6, 0x43], //                         mov al, 34h; out 43h, al (channel 0, mode 2)
    ...[0xb0, 0x0b, 0xe6, 0x40, 0xb0, 0xe9, 0xe6, 0x40], // E90Bh: 1193182 Hz / 59659
  ],
  handler: [
    ...[0xff, 0x05, ...littleEndian(COUNT)], //            inc dword [COUNT]
    ...[0xbf, ...littleEndian(2 << 20)], //                mov edi, 2 MiB
    ...[0xff, 0x07], //                             write: inc dword [edi]
    ...[0x81, 0xc7, ...littleEndian(4096)], //             add edi, 4096
    ...[0x81, 0xff, ...littleEndian(7 << 19)], //          cmp edi, 3.5 MiB
    ...[0x72, 0xf0], //                                    jb write
    ...[0x66, 0xba, 0xf8, 0x03], //                        mov dx, 3F8h
    ...printing('tick '),
    ...[0xa1, ...littleEndian(COUNT)], //                  mov eax, [COUNT]
    ...[0xb9, ...littleEndian(10), 0x31, 0xdb], //         mov ecx, 10; xor ebx, ebx
    ...[0x31, 0xd2, 0xf7, 0xf1, 0x52, 0x43], //    divide: xor edx, edx; div ecx; push edx; inc ebx
    ...[0x85, 0xc0, 0x75, 0xf6], //                        test eax, eax; jnz divide
    ...[0x66, 0xba, 0xf8, 0x03], //                        mov dx, 3F8h
    ...[0x58, 0x04, 0x30, 0xee, 0x4b, 0x75, 0xf9], // put: pop eax; add al, '0'; out dx, al; dec ebx; jnz put
    ...printing('\r\n'),
    ...END_OF_INTERRUPT,
  ],
});

const RAISE_LINES = [0x66, 0xba, 0xfc, 0x03, 0xb0, 0x03, 0xee]; // mov dx, 3FCh; mov al, 3; out dx, al (DTR, RTS)

/** Waits until something arrives at COM1, whose port is in DX then. */
const AWAIT_INPUT = [
  ...[0x66, 0xba, 0xfd, 0x03], //        mov dx, 3FDh (line status)
  ...[0xec, 0xa8, 0x01, 0x74, 0xfb], //  wait: in al, dx; test al, 1; jz wait
  ...[0x66, 0xba, 0xf8, 0x03], //        mov dx, 3F8h
];

/** Bytes that FLOOD_KERNEL prints for each byte it receives, before "END". */
export const FLOOD_BYTES = 4 << 20;

/** Prints lines of dots as fast as it can when something arrives at COM1, then "END". */
export const FLOOD_KERNEL = kernelFile('flood', [
  ...RAISE_LINES,
  ...AWAIT_INPUT, //                          wait:
  0xec, //                                          in al, dx
  ...[0xb9, ...littleEndian(FLOOD_BYTES)], //       mov ecx, FLOOD_BYTES
  ...[0xb0, 0x2e], //                         next: mov al, '.'
  ...[0xf6, 0xc1, 0x3f, 0x75, 0x05], //             test cl, 63; jnz put
  ...[0xb0, 0x0d, 0xee, 0xb0, 0x0a], //             mov al, CR; out dx, al; mov al, LF
  ...[0xee, 0x49, 0x75, 0xf0], //              put: out dx, al; dec ecx; jnz next
  ...printing('END\r\n'),
  ...[0xeb, 0xcc], //                               jmp wait
]);

/** What PANIC_KERNEL prints before it stops. */
export const PANIC = 'Kernel panic - not syncing: a key was pressed';

/** Panics as Linux does when something arrives at COM1. */
export const PANIC_KERNEL = kernelFile('panic', [
  ...RAISE_LINES,
  ...AWAIT_INPUT,
  ...printing(`\r\n${PANIC}\r\n`),
  ...[0xeb, 0xfe], //                                jmp to itself
]);

const PAGE_BYTES = 4096;

/** Goes round for ever through eight pages, each with a loop of its own. */
export const BUSY_KERNEL = kernelFile(
  'busy',
  Array.from({ length: 8 }, (_, page) => {
    const code = [
      ...[0xb9, ...littleEndian(50_000)], //           mov ecx, 50000
      ...[0x01, 0xc8, 0x31, 0xc3, 0x49, 0x75, 0xf9], // next: add eax, ecx; xor ebx, eax; dec ecx; jnz next
    ];
    const to = page === 7 ? -7 * PAGE_BYTES : PAGE_BYTES;
    code.push(0xe9, ...littleEndian(to - code.length - 5)); // jmp to the next page, from the last to the first
    return [...code, ...Array<number>(PAGE_BYTES - code.length).fill(0x90)];
  }).flat(),
);

/** What CRASHING_KERNEL has in EAX when it crashes. */
export const CRASH_MARK = 0xdeadbeef;

/** Takes an empty IDT from zeroed memory and raises #BP: neither that nor the #GP and #DF after it can be delivered. */
export const CRASHING_KERNEL = kernelFile('crash', [
  ...[0xb8, 0xef, 0xbe, 0xad, 0xde], //             mov eax, CRASH_MARK
  ...[0x0f, 0x01, 0x1d, 0x00, 0x90, 0x00, 0x00], // lidt [9000h]
  0xcc, //                                          int3
]);

/** MOV AL, byte; OUT DX, AL for each. */
function printing(text: string): number[] {
  return [...Buffer.from(text)].flatMap((byte) => [0xb0, byte, 0xee]);
}

/** MOV dword [address], value. */
function storing(address: number, value: number): number[] {
  return [0xc7, 0x05, ...littleEndian(address), ...littleEndian(value)];
}

function littleEndian(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);
}

/** Comes to its end. */
export const HALTING_KERNEL = kernelFile('halt', [0xfa, 0xf4]); // cli; hlt

function kernelFile(name: string, code: number[]): FileContents {
  return file(name, Buffer.from(tinyKernel(code)));
}

export function file(name: string, buffer: Buffer): FileContents {
  return { name, mimeType: 'application/octet-stream', buffer };
}
