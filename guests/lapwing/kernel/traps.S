/* Where the processor comes in on exceptions and interrupts, and the switch between threads' stacks. */
.code32
.text
.globl vectors, switch_stacks

/* void switch_stacks(u32 *save, u32 load): what a C function must keep lies on the stack that is left. */
switch_stacks:
  movl 4(%esp), %eax
  movl 8(%esp), %edx
  pushl %ebp
  pushl %ebx
  pushl %esi
  pushl %edi
  movl %esp, (%eax)
  movl %edx, %esp
  popl %edi
  popl %esi
  popl %ebx
  popl %ebp
  ret

/* struct frame in traps.h. */
common:
  pusha
  cld
  pushl %esp
  call trap
  addl $4, %esp
  popa
  addl $8, %esp
  iret

/* Vectors 8, 10 to 14 and 17 bring an error code (SDM vol. 3 §6.15); the others get 0. */
.set ERROR_CODES, 0x27d00
.section .rodata
.balign 4
vectors:
.text

.set n, 0
.rept 48
  .section .rodata
  .long 1f
  .text
1:
  .if !((ERROR_CODES >> n) & 1)
  pushl $0
  .endif
  pushl $n
  jmp common
  .set n, n + 1
.endr
