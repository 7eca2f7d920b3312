/* SMEP and SMAP: what supervisor code may do with user-mode pages (SDM vol. 3 §4.6). */
#include "cases.h"
#include "machine.h"
#include "paging.h"

#define SMEP 0x100000
#define SMAP 0x200000

static void guard(u32 bits) {
  __asm__ volatile("pushl $2; popfl" : : : "memory");
  __asm__ volatile("movl %%cr4, %%eax; andl $0xffcfffff, %%eax; orl %0, %%eax; movl %%eax, %%cr4" : : "r"(bits) : "eax", "memory");
}

/* All that the kernel itself uses is the supervisor's; the page of the cases holds INT 40h at its start. */
static void supervisor_pages(void) {
  for (u32 at = 0; at < 0x400000; at += 0x1000) page(at, at | P | W);
}

static void start(u32 bits, u32 flags, u32 entry) {
  guard(0);
  begin(RING0);
  in.eflags |= flags;
  poke32(DATA, 0x40cd);
  page(PAGES, DATA | entry);
  guard(bits);
}

#define GUARDED(name, bits, flags, entry, ...)                                                                         \
  do {                                                                                                                 \
    start(bits, flags, entry);                                                                                         \
    FAULTING(name, __VA_ARGS__);                                                                                       \
    guard(0);                                                                                                          \
  } while (0)

static void matrix(void) {
  static const struct { const char *name; u32 bits; } guards[] = {
      {"none", 0}, {"SMEP", SMEP}, {"SMAP", SMAP}, {"SMEP SMAP", SMEP | SMAP}};
  static const struct { const char *name; u32 entry; } kinds[] = {
      {"user", P | W | U}, {"user-read-only", P | U}, {"supervisor", P | W}, {"absent", W | U}};
  for (u32 n = 0; n < 4; n++) {
    heading_of("user pages: ", guards[n].name);
    for (u32 kind = 0; kind < 4; kind++) {
      for (u32 ac = 0; ac < 2; ac++) {
        print(kinds[kind].name);
        print(ac ? "-ac-" : "-");
        GUARDED("read", guards[n].bits, ac ? FL_AC : 0, kinds[kind].entry, "movl 0x400000, %eax; movl $1, %eax");
        show_value("entry", page_entry(PAGES) & 0xfff);
        print(kinds[kind].name);
        print(ac ? "-ac-" : "-");
        GUARDED("write", guards[n].bits, ac ? FL_AC : 0, kinds[kind].entry, "movl %eax, 0x400010; movl $1, %eax");
        show_value("entry", page_entry(PAGES) & 0xfff);
        print(kinds[kind].name);
        print(ac ? "-ac-" : "-");
        GUARDED("fetch", guards[n].bits, ac ? FL_AC : 0, kinds[kind].entry, "movl $0x400000, %eax; jmp *%eax");
        show_value("entry", page_entry(PAGES) & 0xfff);
      }
    }
  }
}

static void privilege(void) {
  heading("CLAC and STAC");
  CASE("stac-ring3", RING3, "stac");
  CASE("clac-ring3", RING3, "clac");
  CASE("lock-stac", RING0, "lock; .byte 0x0f, 0x01, 0xcb");
  CASE16("stac-v86", V86_IOPL3, "stac");
  CASE("stac-without-smap", RING0, "stac");
}

static void instructions(void) {
  heading("SMAP at work");
  GUARDED("stac", SMAP, 0, P | W | U, "stac; movl 0x400000, %eax; movl $1, %eax");
  GUARDED("clac", SMAP, FL_AC, P | W | U, "clac; movl 0x400000, %eax");
  GUARDED("clac-after-use", SMAP, FL_AC, P | W | U, "movl 0x400000, %eax; movl %eax, 0x400004; clac; movl 0x400008, %eax");
  GUARDED("stac-again", SMAP, 0, P | W | U,
          "stac; movl %ecx, 0x400004; clac; nop; stac; movl %edx, 0x400008; clac; movl $1, %eax; movl %ecx, 0x400004");
  GUARDED("many-pages", SMAP, 0, P | W | U,
          "movl $0x400001, %eax; movl $0x400fff, %ecx; 1: stac; testb $0, (%eax); clac; incl %eax; cmpl %ecx, %eax; jne 1b;"
          "xorl %eax, %eax; testb $0, (%ecx)");
  GUARDED("stac-keeps-flags", SMAP, FL_CF | FL_ZF | FL_DF, P | W | U, "stac");
  GUARDED("popf-opens", SMAP, 0, P | W | U, "pushl $0x40002; popfl; movl 0x400000, %eax; movl $1, %eax");
  GUARDED("popf-closes", SMAP, FL_AC, P | W | U, "movl 0x400000, %eax; pushl $2; popfl; movl 0x400000, %eax");
  GUARDED("iret-closes", SMAP, FL_AC, P | W | U,
          "movl 0x400000, %eax; pushl $2; pushl $8; pushl $0x2000f; iretl; movl 0x400000, %eax");
  GUARDED("invlpg-while-closed", SMAP, FL_AC, P | W | U,
          "movl 0x400000, %eax; clac; movl $0x31027, 0x52000; invlpg 0x400000; stac; movl $1, %eax; movl $0x31, 0x400000; movzbl 0x31000, %ecx");
  GUARDED("cr3-while-closed", SMAP, FL_AC, P | W | U,
          "movl 0x400000, %eax; clac; movl $0x31027, 0x52000; movl %cr3, %eax; movl %eax, %cr3; stac; movl $1, %eax; movl $0x32, 0x400000; movzbl 0x31000, %ecx");
  GUARDED("string", SMAP, 0, P | W | U, "movl $0x30000, %esi; movl $0x400000, %edi; movl $4, %ecx; cld; rep movsb");
  GUARDED("string-open", SMAP, FL_AC, P | W | U, "movl $0x30000, %esi; movl $0x400000, %edi; movl $4, %ecx; cld; rep movsb; movl $1, %eax");
  start(SMAP, 0, P | W);
  page(PAGES + 0x1000, (DATA + 0x1000) | P | W | U);
  FAULTING("crossing", "movl 0x400ffe, %eax");
  GUARDED("fetch-then-read", SMAP, 0, P | W | U, "movl $0x400000a1, 0x30000; movb $0, 0x30004; movl $0x400000, %eax; jmp *%eax");
  GUARDED("stack", SMAP, 0, P | W | U, "movl $0x400800, %esp; pushl %eax");
  GUARDED("off-again", SMAP, 0, P | W | U,
          "movl %cr4, %eax; andl $0xffdfffff, %eax; movl %eax, %cr4; movl 0x400000, %ecx; xorl %ecx, %ecx; xorl %eax, %eax");
}

static void smep(void) {
  heading("SMEP after use");
  GUARDED("read-then-fetch", SMEP, 0, P | W | U, "movl 0x400000, %eax; movl $0x400000, %eax; jmp *%eax");
  GUARDED("fetch-before", 0, 0, P | W | U,
          "movl $0xc3, 0x400000; movl $0x400000, %eax; call *%eax; movl %cr4, %ecx; orl $0x100000, %ecx; movl %ecx, %cr4; xorl %ecx, %ecx; call *%eax");
}

/* For snippets in user-mode pages, which have to be put there yet. */
static void open(void) {
  guard(SMAP);
  __asm__ volatile("stac" : : : "memory");
}

static void implicit(void) {
  heading("SMAP and implicit accesses");
  for (u32 ac = 0; ac < 2; ac++) {
    start(SMAP, ac ? FL_AC : 0, P | W | U);
    poke32(LDT, 0xffff);
    poke32(LDT + 4, 0xcf9300);
    page(LDT & ~0xfff, (LDT & ~0xfff) | P | W | U);
    FAULTING(ac ? "ldt-ac" : "ldt", "movl $4, %eax; movl %eax, %ds");
    page(LDT & ~0xfff, (LDT & ~0xfff) | P | W);
  }
  guard(0);
  begin(RING3);
  page(CODE, CODE | P | W | U);
  page(STACK - 0x1000, (STACK - 0x1000) | P | W | U);
  page(TSS + 0x1000, (TSS + 0x1000) | P | W | U);
  open();
  FAULTING("io-bitmap", "movw $0x8000, %dx; inb %dx, %al");
  page(TSS + 0x1000, (TSS + 0x1000) | P | W);
  for (u32 ac = 0; ac < 2; ac++) {
    guard(0);
    begin(RING3);
    if (ac) in.eflags |= FL_AC;
    page(CODE, CODE | P | W | U);
    page(STACK - 0x1000, (STACK - 0x1000) | P | W | U);
    page(PAGES, DATA | P | W | U);
    poke32(TSS + 12, PAGES + 0x800);
    HANDLER("32", 0, "nop");
    gate(IDT, 0x41, CODE1, CODE2, A_INT32 | DPL(3), 0);
    open();
    FAULTING(ac ? "inner-stack-ac" : "inner-stack", "int $0x41");
    page(CODE, CODE | P | W);
    page(STACK - 0x1000, (STACK - 0x1000) | P | W);
  }
  guard(0);
  begin(RING3);
  in.eflags |= FL_AC;
  page(CODE, CODE | P | W | U);
  page(STACK - 0x1000, (STACK - 0x1000) | P | W | U);
  page(PAGES, DATA | P | W | U);
  HANDLER("32", 0, "movl 0x400000, %eax; movl $1, %eax; clac; movl 0x400000, %ecx");
  gate(IDT, 0x42, CODE0, CODE2, A_INT32 | DPL(3), 0);
  open();
  FAULTING("handler-inherits-ac", "int $0x42");
  guard(0);
}

void cases_user_pages(void) {
  paging_on();
  privilege();
  supervisor_pages();
  matrix();
  instructions();
  smep();
  implicit();
  guard(0);
  paging_off();
}
