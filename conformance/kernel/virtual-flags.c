/* CR4.VME and CR4.PVI: the virtual interrupt flag and redirected software interrupts (SDM vol. 3 §20.3, §20.4). */
#include "cases.h"
#include "machine.h"

#define VME 1
#define PVI 2
/* Where the kernel's TSS would have the redirection bitmap is part of the TSS proper; the cases move the I/O bitmap up. */
#define MAP (TSS + 0x2000)

static void enable(u32 bits) {
  __asm__ volatile("movl %%cr4, %%eax; andl $~3, %%eax; orl %0, %%eax; movl %%eax, %%cr4" : : "r"(bits) : "eax", "memory");
}

/* All software interrupts go through the IDT but 50h, whose 8086 handler is at 2000:0800 (CODE + 800h). */
static void start(enum mode mode, u32 flags) {
  begin(mode);
  in.eflags |= flags;
  poke16(TSS + 0x66, 0x2020);
  fill(MAP, 32, 0xff);
  poke8(MAP + 0x50 / 8, 0xfe);
  static const u32 handler = 0x20000800;
  copy((void *)(0x50 * 4), &handler, sizeof handler);
}

#define FLAGS16(name, mode, flags, ...) do { start(mode, flags); RUN16(name, __VA_ARGS__); } while (0)

static void sensitive(enum mode mode, const char *title) {
  heading(title);
  FLAGS16("cli", mode, FL_VIF, "cli");
  FLAGS16("cli-if", mode, FL_VIF | FL_IF, "cli");
  FLAGS16("sti", mode, 0, "sti");
  FLAGS16("sti-pending", mode, FL_VIP, "sti");
  FLAGS16("pushf", mode, 0, "pushfw; popw %ax");
  FLAGS16("pushf-if", mode, FL_IF, "pushfw; popw %ax");
  FLAGS16("pushf-vif", mode, FL_VIF, "pushfw; popw %ax");
  FLAGS16("pushfd", mode, FL_VIF, "pushfl; popl %eax");
  FLAGS16("popf", mode, 0, "pushw $0x4ed7; popfw");
  FLAGS16("popf-clear", mode, FL_VIF | FL_IF, "pushw $0x0002; popfw");
  FLAGS16("popf-tf", mode, 0, "pushw $0x0102; popfw; nop");
  FLAGS16("popf-pending", mode, FL_VIP, "pushw $0x0202; popfw");
  FLAGS16("popf-pending-clear", mode, FL_VIP | FL_VIF, "pushw $0x0002; popfw");
  FLAGS16("popfd", mode, 0, "pushl $0x240ed7; popfl");
  FLAGS16("iret", mode, 0, "pushw $0x4ed7; pushw $0x2000; pushw $0x80; iretw");
  FLAGS16("iret-tf", mode, 0, "pushw $0x0102; pushw $0x2000; pushw $0x80; iretw");
  FLAGS16("iret-pending", mode, FL_VIP, "pushw $0x0202; pushw $0x2000; pushw $0x80; iretw");
  FLAGS16("iretd", mode, 0, "pushl $0x0202; pushl $0x2000; pushl $0x80; iretl");
  FLAGS16("int-redirected", mode, FL_VIF | FL_IF, "int $0x50");
  show("frame", STACK - 8, 2);
  FLAGS16("int-redirected-off", mode, 0, "int $0x50");
  show("frame", STACK - 8, 2);
  FLAGS16("int-redirected-stepped", mode, FL_TF, "int $0x50");
  FLAGS16("int-not-redirected", mode, FL_VIF | FL_IF, "int $0x41");
  FLAGS16("int3", mode, FL_VIF, "int3");
  FLAGS16("into", mode, FL_VIF, "movb $0x7f, %al; addb $1, %al; into");
  start(mode, 0);
  poke16(TSS + 0x66, 0x30);
  poke8(TSS + 0x10 + 0x50 / 8, 0);
  poke8(TSS + 0x10 + 0x40 / 8, 0xff);
  RUN16("int-map-inside-tss", "int $0x50");
  start(mode, 0);
  poke16(TSS + 0x66, 8);
  RUN16("int-map-below-tss", "int $0x50");
  start(mode, 0);
  poke16(TSS + 0x66, 0x2090);
  RUN16("int-map-beyond-limit", "int $0x50");
  start(mode, 0);
  in.esp = 5;
  RUN16("int-redirected-no-stack", "int $0x50");
}

static void protected(void) {
  heading("PVI");
  enable(PVI);
  CASE("cli", RING3, "cli");
  start(RING3, FL_VIF | FL_IF);
  RUN32("cli-clears-vif", "cli");
  start(RING3, 0);
  RUN32("sti", "sti");
  start(RING3, FL_VIP);
  RUN32("sti-pending", "sti");
  start(RING3, FL_IOPL(3) | FL_VIP);
  RUN32("sti-iopl3", "sti");
  start(RING3, FL_VIF);
  RUN32("pushf", "pushfl; popl %eax");
  start(RING3, 0);
  RUN32("popf", "pushl $0x180202; popfl");
  start(RING0, 0);
  RUN32("popf-ring0", "pushl $0x180202; popfl");
  start(RING0, 0);
  RUN32("sti-ring0", "sti; cli");
  start(RING3, 0);
  RUN32("int", "int $0x50");
  enable(0);
  CASE("cli-without", RING3, "cli");
  heading("VIF and VIP by IRET");
  CASE("ring0", RING0, "pushl $0x180002; pushl $8; pushl $0x2000d; iretl; nop");
  CASE("ring3", RING3, "pushl $0x180002; pushl $0x1b; pushl $0x2000d; iretl; nop");
}

void cases_virtual_flags(void) {
  enable(VME);
  sensitive(V86, "VME");
  sensitive(V86_IOPL3, "VME IOPL 3");
  enable(VME);
  heading("VME beside V86 mode");
  CASE("cli-ring3", RING3, "cli");
  enable(0);
  protected();
}
