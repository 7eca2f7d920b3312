// The little machine in which every vector runs: 32-bit flat user-mode code (CPL 3, IF = 1, IOPL = 0) and a few pages at
// fixed linear addresses. The loader (../environment.ts) holds the same figures; ../README.md explains them.
#pragma once
#include <stdint.h>

#define PAGE 4096u

// Code: two pages of 0xCC (INT3), the vector's bytes at START. Whatever is executed after them traps at once.
#define CODE_BASE 0x00400000u
#define CODE_SIZE (2 * PAGE)
#define CODE_START (CODE_BASE + 0x800u)

// A page that may only be read lies right before the data window, an unmapped one right behind it.
#define READONLY_BASE 0x004ff000u
#define DATA_BASE 0x00500000u
#define DATA_SIZE (2 * PAGE)
#define DATA_END (DATA_BASE + DATA_SIZE)

// Within reach of 16-bit addresses; unmapped pages on both sides.
#define LOW_BASE 0x00008000u
// Unmapped pages on both sides.
#define STACK_BASE 0x00600000u
#define STACK_START (STACK_BASE + 0x800u)

// FS has this base and a 4 GiB limit; CS, DS, ES, SS are flat; GS is not used.
#define FS_BASE 0x00120000u

#define EAX 0
#define ECX 1
#define EDX 2
#define EBX 3
#define ESP 4
#define EBP 5
#define ESI 6
#define EDI 7

#define CF 0x0001u
#define PF 0x0004u
#define AF 0x0010u
#define ZF 0x0040u
#define SF 0x0080u
#define IF 0x0200u
#define DF 0x0400u
#define OF 0x0800u
#define NT 0x4000u
#define ID 0x200000u
#define ARITHMETIC (CF | PF | AF | ZF | SF | OF)
// All of EFLAGS that user code can see; RF is set by the CPU in the image that a fault saves and is left out.
#define COMPARED 0x00247fd5u

#define MXCSR_DEFAULT 0x1f80u
