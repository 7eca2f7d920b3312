/* From the boot sector into protected mode, with what only the BIOS knows; and back once, for APM. */
.code16
.section .real, "awx"
.globl start, boot_drive, ebda_segment, memory_map, memory_ranges, apm_off

.set BASE, 0x10000
.set MAP_ENTRIES, 32
.set CODE, 0x08
.set DATA, 0x10
.set CODE16, 0x18
.set DATA16, 0x20

start:
  movw %cs, %ax
  movw %ax, %ds
  movw %ax, %es
  movb %dl, boot_drive - start
  movw $0x0003, %ax
  int $0x10             /* 80 × 25, where there is a VGA */

  /* INT 15h E820 (ACPI 6.5 §15.1): entries of 20 bytes. */
  movw $(memory_map - start), %di
  xorl %ebx, %ebx
1:
  movl $0xe820, %eax
  movl $20, %ecx
  movl $0x534d4150, %edx
  int $0x15
  jc 2f
  cmpl $0x534d4150, %eax
  jne 2f
  addw $20, %di
  incl memory_ranges - start
  cmpl $MAP_ENTRIES, memory_ranges - start
  je 2f
  testl %ebx, %ebx
  jnz 1b
2:
  /* The BIOS data area's word for the extended one; page 0 is not mapped later. */
  xorw %ax, %ax
  movw %ax, %fs
  movw %fs:0x40e, %ax
  movw %ax, ebda_segment - start

  movw $0x2401, %ax
  int $0x15
  inb $0x92, %al
  testb $2, %al
  jnz 3f
  orb $2, %al
  andb $0xfe, %al       /* bit 0 is a reset */
  outb %al, $0x92
3:
  cli
  lgdtl gdt_pointer - start
  movl %cr0, %eax
  orb $1, %al
  movl %eax, %cr0
  ljmpl $CODE, $protected

.code32
protected:
  movw $DATA, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %fs
  movw %ax, %gs
  movw %ax, %ss
  movl $boot_stack_end, %esp
  movl $bss_start, %edi
  movl $bss_end, %ecx
  subl %edi, %ecx
  xorl %eax, %eax
  cld
  rep stosb
  xorl %ebp, %ebp
  call main
4:
  hlt
  jmp 4b

/* Back to real mode to switch off by APM 1.2 (INT 15h 5301h, 530Eh, 5307h). Interrupts are off, the PICs have the BIOS's
 * vectors. Does not return. */
apm_off:
  movl %cr0, %eax
  andl $0x7fffffff, %eax
  movl %eax, %cr0
  ljmp $CODE16, $(5f - start)
.code16
5:
  movw $DATA16, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  lidtl bios_idt - start
  movl %cr0, %eax
  andb $0xfe, %al
  movl %eax, %cr0
  ljmp $0x1000, $(6f - start)
6:
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movl $0x7c00, %esp
  sti
  movw $0x5301, %ax     /* connect */
  xorw %bx, %bx
  int $0x15
  movw $0x530e, %ax     /* we speak 1.2 */
  xorw %bx, %bx
  movw $0x0102, %cx
  int $0x15
  movw $0x5307, %ax     /* all devices: off */
  movw $1, %bx
  movw $3, %cx
  int $0x15
7:
  hlt
  jmp 7b

.balign 8
gdt:
  .quad 0
  .quad 0x00cf9a000000ffff      /* code, 4 GiB */
  .quad 0x00cf92000000ffff      /* data, 4 GiB */
  .quad 0x00009a010000ffff      /* 16-bit code at BASE */
  .quad 0x000092010000ffff      /* 16-bit data at BASE */
gdt_pointer:
  .word . - gdt - 1
  .long gdt
bios_idt:
  .word 0x3ff
  .long 0

.balign 4
memory_ranges: .long 0
ebda_segment:  .long 0
boot_drive:    .long 0
memory_map:    .space 20 * MAP_ENTRIES

.bss
.balign 16
  .space 4096
boot_stack_end:
