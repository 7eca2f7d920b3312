/* The boot sector: finds LAPWING.SYS in the root directory of the FAT12 volume that it is on, loads it to 1000:0 by INT 13h
 * and jumps there with the drive in DL. build.ts fills in the BIOS parameter block (Microsoft's FAT specification, §3.1). */
.code16
.text
.globl _start

.set FAT, 0x600         /* at most 12 sectors */
.set ROOT, 0x2000       /* at most 40 sectors */
.set KERNEL_SEGMENT, 0x1000

_start:
  jmp main
  nop
  .space 8              /* OEM name */
bytes_per_sector:     .word 0
sectors_per_cluster:  .byte 0
reserved_sectors:     .word 0
fats:                 .byte 0
root_entries:         .word 0
  .word 0               /* sectors of the volume */
  .byte 0               /* media */
sectors_per_fat:      .word 0
sectors_per_track:    .word 0
heads:                .word 0
hidden_sectors:       .long 0
  .long 0
drive:                .byte 0
  .space 25             /* reserved, signature, serial number, label, type */

main:
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movw $0x7c00, %sp
  ljmp $0, $1f          /* some BIOSes start at 07C0:0 */
1:
  sti
  cld
  movb %dl, drive
  /* On a hard disk the BIOS has a geometry of its own. */
  cmpb $0x80, %dl
  jb 2f
  movb $0x08, %ah
  int $0x13
  jc 2f
  andw $0x3f, %cx
  movw %cx, sectors_per_track
  movzbw %dh, %dx
  incw %dx
  movw %dx, heads
2:
  xorw %ax, %ax
  movw %ax, %es

  movw reserved_sectors, %ax
  movw sectors_per_fat, %cx
  movw $FAT, %bx
  pushw %ax
  call read
  movzbw fats, %ax
  mulw sectors_per_fat
  popw %cx
  addw %cx, %ax         /* the root directory's first sector */
  movw root_entries, %cx
  shrw $4, %cx          /* 16 entries a sector */
  movw $ROOT, %bx
  call read             /* AX is now the first sector of cluster 2 */
  movw %ax, data_start

  movw $ROOT, %di
  movw root_entries, %dx
3:
  movw $name, %si
  movw $11, %cx
  pushw %di
  repe cmpsb
  popw %di
  je found
  addw $32, %di
  decw %dx
  jnz 3b
  movw $missing, %si
  jmp fail

found:
  movw 26(%di), %si     /* the first cluster */
  movw $KERNEL_SEGMENT, %ax
  movw %ax, %es
  xorw %bx, %bx
4:
  leaw -2(%si), %ax
  movzbw sectors_per_cluster, %cx
  mulw %cx
  addw data_start, %ax
  call read
  /* Entry n of a FAT12 is 12 bits at byte n * 3 / 2. */
  movw %si, %di
  shrw $1, %di
  addw %si, %di
  movw FAT(%di), %ax
  testw $1, %si
  jz 5f
  shrw $4, %ax
5:
  andw $0xfff, %ax
  movw %ax, %si
  cmpw $0xff8, %ax
  jb 4b
  movb drive, %dl
  ljmp $KERNEL_SEGMENT, $0

/* Reads CX sectors from sector AX of the volume to ES:BX; AX and ES:BX are behind them afterwards. One at a time: none
 * crosses a track's end or 64 KiB of DMA. */
read:
  pusha
  addw hidden_sectors, %ax
  xorw %dx, %dx
  divw sectors_per_track
  movb %dl, %cl
  incw %cx
  xorw %dx, %dx
  divw heads
  movb %dl, %dh
  movb %al, %ch
  shlb $6, %ah
  orb %ah, %cl
  movb drive, %dl
  movw $4, %di          /* tries: the motor may still be starting */
6:
  movw $0x0201, %ax
  int $0x13
  jnc 7f
  xorw %ax, %ax
  int $0x13
  decw %di
  jnz 6b
  movw $unreadable, %si
  jmp fail
7:
  popa
  incw %ax
  addw $512, %bx
  jnc 8f
  movw %es, %dx
  addw $0x1000, %dx
  movw %dx, %es
8:
  loop read
  ret

fail:
  lodsb
  testb %al, %al
  jz 9f
  movb $0x0e, %ah
  movw $7, %bx
  int $0x10
  jmp fail
9:
  hlt
  jmp 9b

data_start: .word 0
name:       .ascii "LAPWING SYS"
missing:    .asciz "No LAPWING.SYS\r\n"
unreadable: .asciz "Disk error\r\n"

  .org 510
  .word 0xaa55
