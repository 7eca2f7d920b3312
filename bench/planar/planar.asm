; A ROM of 64 KiB that draws on a VGA's planes in mode 12h and says on COM1 where it is: a letter when a test begins, '.' when it
; ends, and 'Z' at the end of all.

%define FRAME 38400			; bytes of a plane: 640 x 480 / 8
%define FRAMES 200
%define WINDOW 0xa0000

	bits 16
	org 0

	times 0x1000 db 0xff

begin:	cli
	mov ax, 0xf000
	mov ds, ax
	o32 lgdt [gdtr]
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp dword 8:(0xf0000 + start)

	align 8
gdt:	dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	dw 23
	dd 0xf0000 + gdt

	bits 32
%macro index_data 2			; port of the index, 16-bit value
	mov edx, %1
	mov eax, %2
	out dx, ax
%endmacro

%macro test_begin 1
	mov edx, 0x3f8
	mov al, %1
	out dx, al
	mov ebp, FRAMES
%%frame:
%define THIS_FRAME %%frame
%endmacro

%macro test_end 0
	dec ebp
	jnz near THIS_FRAME
	mov edx, 0x3f8
	mov al, '.'
	out dx, al
%endmacro

start:	mov eax, 16
	mov ds, ax
	mov es, ax
	mov ss, ax
	mov esp, 0x7000
	cld
	mov edx, 0x3c2
	mov al, 0xe3
	out dx, al
	mov esi, 0xf0000 + registers
	mov ecx, (registers_end - registers) / 4
.next:	movzx edx, word [esi]
	movzx eax, word [esi + 2]
	out dx, ax
	add esi, 4
	loop .next

	; Write mode 0, all planes, a byte at a time; the first time is not counted.
	test_begin 'W'
	mov edi, WINDOW
	mov ecx, FRAME
.first:	mov [edi], cl
	inc edi
	dec ecx
	jnz .first
	test_end

	test_begin 'B'
	mov edi, WINDOW
	mov ecx, FRAME
.byte:	mov [edi], cl
	inc edi
	dec ecx
	jnz .byte
	test_end

	; The same, doublewords.
	test_begin 'D'
	mov edi, WINDOW
	mov ecx, FRAME / 4
.dword:	mov [edi], ecx
	add edi, 4
	dec ecx
	jnz .dword
	test_end

	; Read, modify, write through the latches with a bit mask.
	index_data 0x3ce, 0x0f08
	test_begin 'M'
	mov edi, WINDOW
	mov ecx, FRAME
.mask:	mov al, [edi]
	mov [edi], cl
	inc edi
	dec ecx
	jnz .mask
	test_end

	; A pixel: its bit in the mask register, then the latches, then the byte; write mode 2.
	index_data 0x3ce, 0x0205
	test_begin 'P'
	mov edi, WINDOW
	mov ecx, FRAME
	mov edx, 0x3ce
.pixel:	mov eax, 0x8008
	out dx, ax
	mov al, [edi]
	mov [edi], cl
	inc edi
	dec ecx
	jnz .pixel
	test_end
	index_data 0x3ce, 0x0005
	index_data 0x3ce, 0xff08

	; Each plane by itself: the map mask, then a column.
	test_begin 'R'
	mov edx, 0x3c4
	mov ebx, 0x0102
.plane:	mov eax, ebx
	out dx, ax
	mov edi, WINDOW
	mov ecx, FRAME / 4
.column: mov [edi], cl
	inc edi
	dec ecx
	jnz .column
	add bh, bh
	cmp bh, 0x10
	jne .plane
	test_end
	index_data 0x3c4, 0x0f02

	test_begin 'S'
	mov edi, WINDOW
	mov ecx, FRAME
	mov eax, ebp
	rep stosb
	test_end

	test_begin 'T'
	mov edi, WINDOW
	mov ecx, FRAME / 4
	mov eax, 0x12345678
	rep stosd
	test_end

	; From memory.
	test_begin 'V'
	mov esi, 0x10000
	mov edi, WINDOW
	mov ecx, FRAME
	rep movsb
	test_end

	; Scrolling: write mode 1.
	index_data 0x3ce, 0x0105
	test_begin 'C'
	mov esi, WINDOW + 80
	mov edi, WINDOW
	mov ecx, FRAME - 80
	rep movsb
	test_end
	index_data 0x3ce, 0x0005

	mov edx, 0x3f8
	mov al, 'Z'
	out dx, al
	hlt

registers:
%macro r 3				; port, index, value
	dw %1, (%3 << 8) | %2
%endmacro
	r 0x3c4, 0, 3
	r 0x3c4, 1, 1
	r 0x3c4, 2, 15
	r 0x3c4, 3, 0
	r 0x3c4, 4, 6
	r 0x3ce, 0, 0
	r 0x3ce, 1, 0
	r 0x3ce, 2, 0
	r 0x3ce, 3, 0
	r 0x3ce, 4, 0
	r 0x3ce, 5, 0
	r 0x3ce, 6, 5
	r 0x3ce, 7, 15
	r 0x3ce, 8, 255
registers_end:

	times 0xfff0 - ($ - $$) db 0xff
	bits 16
	jmp 0xf000:begin
	times 0x10000 - ($ - $$) db 0xff
