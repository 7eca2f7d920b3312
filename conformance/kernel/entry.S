/* Start of the kernel, the ways into a snippet and out of it. */
#define CODE0 0x08
#define DATA0 0x10
#define SEL_TSS 0x28
#define SEL_TSS_DF 0x30
#define GDT 0x4000
#define CODE16_LOW 0xf8
#define DATA16_LOW 0x100

  .section .multiboot, "a"
  .align 4
  .long 0x1badb002, 0, -0x1badb002

  .text
  .globl start
start:
  movl $kernel_stack_top, %esp
  cld
  pushl 16(%ebx)
  call kernel_main
1: hlt
  jmp 1b

/* void enter(int outer): to the state of `in`; comes back when something has ended the snippet.
 * outer 0: same level, through a frame on the snippet's own stack. 1: ring 3. 2: virtual-8086. */
  .globl enter
enter:
  movl 4(%esp), %eax
  pushal
  movl %esp, kernel_esp
  cmpl $1, %eax
  jb 1f
  je 2f
  pushl in+32
  pushl in+36
  pushl in+44
  pushl in+40
2: pushl in+64
  pushl in+60
  jmp 3f
1: movl in+60, %eax
  movw in+64, %ss
  movl %eax, %esp
3: pushl in+56
  pushl in+52
  pushl in+48
  movl in+0, %edi
  movl in+4, %esi
  movl in+8, %ebp
  movl in+16, %ebx
  movl in+20, %edx
  movl in+24, %ecx
  movl in+28, %eax
  testl $0x20000, in+56
  jnz 4f
  pushl %eax
  movl in+32, %eax
  movl %eax, %gs
  movl in+36, %eax
  movl %eax, %fs
  movl in+40, %eax
  movl %eax, %es
  movl in+44, %eax
  movl %eax, %ds
  popl %eax
4: iretl

/* One stub for each vector: [error code,] vector, common. */
  .altmacro
  .macro stub n
stub_\n:
  .if (\n == 8) || (\n >= 10 && \n <= 14) || (\n == 17)
  .else
  pushl $0
  .endif
  pushl $\n
  jmp common
  .endm
  .set n, 0
  .rept 0x41
  stub %n
  .set n, n + 1
  .endr

  .section .rodata
  .globl stubs
  .macro address n
  .long stub_\n
  .endm
stubs:
  .set n, 0
  .rept 0x41
  address %n
  .set n, n + 1
  .endr

  .text
/* On the stack: vector, error, EIP, CS, EFLAGS [, ESP, SS [, ES, DS, FS, GS]]. The stack may be any, of 16 bits too. */
common:
  pushl %ds
  pushl %es
  pushl %fs
  pushl %gs
  pushal
  movl $DATA0, %eax
  movl %eax, %ds
  movl %eax, %es
  cld
  movl %ss, %eax
  larl %eax, %ecx
  movl %esp, %esi
  testl $0x400000, %ecx
  jnz 1f
  movzwl %si, %esi
1:
  movl $out, %edi
  xorl %ecx, %ecx
2: movl %ss:(%esi,%ecx,4), %edx
  movl %edx, (%edi,%ecx,4)
  incl %ecx
  cmpl $12, %ecx
  jb 2b
  movl %ss:48(%esi), %edx
  movl %edx, out+68
  movl %ss:52(%esi), %edx
  movl %edx, out+72
  movl %ss:56(%esi), %edx
  movl %edx, out+48
  movl %ss:60(%esi), %edx
  movl %edx, out+52
  movl %ss:64(%esi), %edx
  movl %edx, out+56
  testl $0x20000, %edx
  jnz 4f
  testl $3, out+52
  jnz 3f
  leal 68(%esi), %edx
  movl %edx, out+60
  movl %eax, out+64
  jmp resume
4: movl %ss:76(%esi), %edx
  movl %edx, out+40
  movl %ss:80(%esi), %edx
  movl %edx, out+44
  movl %ss:84(%esi), %edx
  movl %edx, out+36
  movl %ss:88(%esi), %edx
  movl %edx, out+32
3: movl %ss:68(%esi), %edx
  movl %edx, out+60
  movl %ss:72(%esi), %edx
  movl %edx, out+64

/* Back in the kernel, behind the call of enter(). */
  .globl resume
resume:
  movl $DATA0, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %fs
  movl %eax, %gs
  movl %eax, %ss
  movl kernel_esp, %esp
  pushl $2
  popfl
  popal
  ret

/* The task of faults that need one (fault_task in kernel.c) begins here, the error code on its stack. What was interrupted
 * is in the kernel's TSS, or in that of the task which TR named; the case sees vector and error code only. */
  .globl double_fault
double_fault:
  cld
  movl task_vector, %eax
  movl %eax, out+68
  popl out+72
  /* Back to the kernel's TSS by force: nobody returns to the old task. */
  movb $0x89, GDT+SEL_TSS+5
  movb $0x89, GDT+SEL_TSS_DF+5
  movl $SEL_TSS, %eax
  ltr %ax
  jmp resume

/* void enter_real(void): to the state of `in` in real mode. Everything below lies in the kernel's own segment and is copied
 * to REAL_TRAMPOLINE first, where 16-bit code can run. */
#define TRAMPOLINE 0x1000
#define AT(label) (TRAMPOLINE + (label - trampoline))
  .globl enter_real
enter_real:
  pushal
  movl %esp, kernel_esp
  lidt real_idt
  .byte 0xea
  .long AT(to_real)
  .word CODE16_LOW

  .globl trampoline
  .globl trampoline_end
trampoline:
  .code16
to_real:
  movl $DATA16_LOW, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %fs
  movl %eax, %gs
  movl %eax, %ss
  movl %cr0, %eax
  andl $~1, %eax
  movl %eax, %cr0
  .byte 0xea
  .word AT(in_real)
  .word 0
in_real:
  xorw %ax, %ax
  movw %ax, %ds
  /* The kernel has copied `in` to 0x3000. */
  movw 0x3000+64, %ss
  movl 0x3000+60, %esp
  pushw 0x3000+56
  pushw 0x3000+52
  pushw 0x3000+48
  movl 0x3000+0, %edi
  movl 0x3000+4, %esi
  movl 0x3000+8, %ebp
  movl 0x3000+16, %ebx
  movl 0x3000+20, %edx
  movl 0x3000+24, %ecx
  movl 0x3000+28, %eax
  movw 0x3000+32, %gs
  movw 0x3000+36, %fs
  movw 0x3000+40, %es
  movw 0x3000+44, %ds
  iretw

  /* Real-mode stubs: 5 bytes each, so that the vector follows from the address. */
  .globl real_stubs
real_stubs:
  .rept 0x41
  .byte 0xe8
  .word real_common - . - 2
  nop
  nop
  .endr
real_common:
  /* On the stack: address behind the stub's CALL, IP, CS, FLAGS. */
  pushw %ds
  pushl %eax
  xorw %ax, %ax
  movw %ax, %ds
  popl 0x3000+28
  popw 0x3000+44
  movw $0, 0x3000+46
  popw 0x3000+68
  movw $0, 0x3000+70
  popw 0x3000+48
  popw 0x3000+52
  popw 0x3000+56
  movw $0, 0x3000+50
  movw $0, 0x3000+54
  movw $0, 0x3000+58
  movl %edi, 0x3000+0
  movl %esi, 0x3000+4
  movl %ebp, 0x3000+8
  movl %ebx, 0x3000+16
  movl %edx, 0x3000+20
  movl %ecx, 0x3000+24
  movl %esp, 0x3000+60
  xorl %eax, %eax
  movw %ss, %ax
  movl %eax, 0x3000+64
  movw %es, %ax
  movl %eax, 0x3000+40
  movw %fs, %ax
  movl %eax, 0x3000+36
  movw %gs, %ax
  movl %eax, 0x3000+32
  movw %ax, %ss
  cli
  movl %cr0, %eax
  orl $1, %eax
  movl %eax, %cr0
  .byte 0x66, 0xea
  .long from_real
  .word CODE0
trampoline_end:
  .code32

from_real:
  movl $DATA0, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl kernel_esp, %esp
  lidt protected_idt
  cld
  movl $0x3000, %esi
  movl $out, %edi
  movl $19, %ecx
  rep movsl
  /* CALL pushed the address behind its three bytes; the stubs are 5 bytes long. */
  movl out+68, %eax
  subl $AT(real_stubs) + 3, %eax
  xorl %edx, %edx
  movl $5, %ecx
  divl %ecx
  movl %eax, out+68
  movl $0, out+72
  jmp resume

  .globl real_stubs_at
  .section .rodata
real_stubs_at:
  .long AT(real_stubs)
real_idt:
  .word 0x3ff
  .long 0
  .globl protected_idt
protected_idt:
  .word 0x7ff
  .long 0x5000

  .bss
  .globl kernel_esp
kernel_esp:
  .skip 4
  .align 16
  .skip 0x4000
kernel_stack_top:
