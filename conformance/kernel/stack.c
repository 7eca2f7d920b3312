/* PUSH, POP, PUSHA, ENTER, LEAVE with all combinations of operand and stack size (SDM vol. 2). */
#include "cases.h"
#include "machine.h"

#define STACK_CASE(name, stack, pointer, ...)                                                                          \
  do {                                                                                                                 \
    begin(RING0);                                                                                                      \
    in.ss = stack;                                                                                                     \
    in.esp = pointer;                                                                                                  \
    fill(DATA + 0x7f00, 0x100, 0x5a);                                                                                  \
    RUN32(name, __VA_ARGS__);                                                                                          \
  } while (0)

static void wide(void) { descriptor(SPARE, DATA, 0xfffff, A_DATA, F_32); }

#define EACH(name, ...)                                                                                                \
  do {                                                                                                                 \
    heading(name);                                                                                                      \
    STACK_CASE("stack-16", DATA16, 0x12348000, __VA_ARGS__);                                                           \
    show("memory", DATA + 0x7fe0, 8);                                                                                  \
    begin(RING0);                                                                                                      \
    wide();                                                                                                            \
    in.ss = SPARE;                                                                                                     \
    in.esp = 0x8000;                                                                                                   \
    fill(DATA + 0x7f00, 0x100, 0x5a);                                                                                  \
    RUN32("stack-32", __VA_ARGS__);                                                                                    \
    show("memory", DATA + 0x7fe0, 8);                                                                                  \
  } while (0)

void cases_stack(void) {
  EACH("push-32", "pushl %eax");
  EACH("push-16", "pushw %ax");
  EACH("push-sp", "pushl %esp");
  EACH("push-sp-16", "pushw %sp");
  EACH("push-imm8", "pushl $-2");
  EACH("push-imm8-16", "pushw $-2");
  EACH("push-segment", ".byte 0x1e");
  EACH("push-segment-16", ".byte 0x66, 0x1e");
  EACH("pop-sp", "pushl $0x7ff8; popl %esp");
  EACH("pop-sp-16", "pushw $0x7ff8; popw %sp");
  EACH("pop-memory-esp", "pushl $0x11; pushl $0x22; popl %ss:(%esp)");
  EACH("pop-memory-esp-16", "pushl $0x11; pushl $0x22; popw %ss:4(%esp)");
  EACH("push-memory-esp", "pushl $0x11; pushl %ss:(%esp)");
  EACH("pusha-32", "pushal");
  EACH("pusha-16", "pushaw");
  EACH("popa-32", "pushal; xorl %eax, %eax; xorl %ecx, %ecx; cmpl %edx, %edx; popal");
  EACH("popa-16", "pushal; xorl %eax, %eax; xorl %ecx, %ecx; cmpl %edx, %edx; popaw");
  EACH("pushf-16", "pushfw");
  EACH("enter32-0", "movl $0x87667f80, %ebp; enter $8, $0");
  EACH("enter32-1", "movl $0x87667f80, %ebp; enter $8, $1");
  EACH("enter32-4", "movl $0x00007f80, %ebp; movl $1, %ss:0x7f7c; movl $2, %ss:0x7f78; movl $3, %ss:0x7f74; enter $8, $4");
  EACH("enter32-36", "movl $0x00007f80, %ebp; movl $1, %ss:0x7f7c; movl $2, %ss:0x7f78; movl $3, %ss:0x7f74; enter $8, $36");
  EACH("enter16-0", "movl $0x87667f80, %ebp; enterw $8, $0");
  EACH("enter16-1", "movl $0x87667f80, %ebp; enterw $8, $1");
  EACH("enter16-4", "movl $0x00007f80, %ebp; movl $0x00020001, %ss:0x7f7c; movw $3, %ss:0x7f7a; enterw $8, $4");
  EACH("leave32", "movl $0x87657ff0, %ebp; andl $0xffff, %ebp; leave");
  EACH("leave32-upper", "movl $0x00007ff0, %ebp; leave");
  EACH("leave16", "movl $0x00007ff0, %ebp; leavew");
}
