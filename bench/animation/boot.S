# Boot sector of the animation's floppy disk: loads the program behind it, sets the video mode by the VGA BIOS, and starts the program in
# 32-bit protected mode with flat segments. Assembled with MODE, of the VGA BIOS or, from 0x100 on, of VBE 3.0; LOAD, where the program
# is linked to; SECTORS, how many it has.
  .set STACK, 0x7c00
  .set MODE_INFO, 0x6000      # VBE's ModeInfoBlock (256 bytes); zero for other modes
  .set PER_TRACK, 18
  .set HEADS, 2
  .set LINEAR, 0x4000         # of a VBE mode number: with a linear frame buffer

  .code16
  .globl start
start:
  ljmp $0, $1f
1:
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movw $STACK, %sp
  movb %dl, drive

  # One sector after the other: a request that crosses a track is not for every BIOS.
  movw $1, %si                # sector on the disk, the boot sector being 0
  movw $LOAD, %bx
2:
  movw %si, %ax
  xorw %dx, %dx
  movw $PER_TRACK, %cx
  divw %cx
  movb %dl, %cl
  incb %cl                    # sectors of a track count from 1
  xorw %dx, %dx
  movw $HEADS, %di
  divw %di
  movb %al, %ch
  movb %dl, %dh
  movb drive, %dl
  movw $0x0201, %ax
  int $0x13
  jc fail
  addw $512, %bx
  incw %si
  cmpw $SECTORS, %si
  jbe 2b

.if MODE >= 0x100
  movw $0x4f01, %ax
  movw $MODE, %cx
  movw $MODE_INFO, %di
  int $0x10
  cmpw $0x004f, %ax
  jne fail
  movw $0x4f02, %ax
  movw $(MODE | LINEAR), %bx
  int $0x10
  cmpw $0x004f, %ax
  jne fail
.else
  movw $MODE, %ax
  int $0x10
.endif

  cli
  inb $0x92, %al              # A20
  orb $2, %al
  outb %al, $0x92
  lgdt table
  movl %cr0, %eax
  orl $1, %eax
  movl %eax, %cr0
  ljmp $8, $3f

fail:
  movw $0x0e21, %ax           # "!" on the screen
  int $0x10
4:
  hlt
  jmp 4b

  .code32
3:
  movw $16, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movl $STACK, %esp
  pushl $MODE_INFO
  pushl $MODE
  pushl $4b                   # it does not return
  jmp LOAD

drive:
  .byte 0
  .balign 8
segments:
  .quad 0
  .quad 0x00cf9a000000ffff    # code: base 0, limit 4 GiB
  .quad 0x00cf92000000ffff    # data
table:
  .word table - segments - 1
  .long segments

  .org 510
  .word 0xaa55
