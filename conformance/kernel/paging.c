/* Paging: error codes, rights, formats, accessed and dirty bits (SDM vol. 3 chapter 4). */
#include "cases.h"
#include "machine.h"
#include "paging.h"

static void rights(void) {
  static const struct { const char *name; u32 table, entry; } kinds[] = {
      {"absent", P | W | U, DATA | W | U},     {"supervisor", P | W | U, DATA | P | W}, {"read-only", P | W | U, DATA | P | U},
      {"supervisor-read-only", P | W | U, DATA | P}, {"writable", P | W | U, DATA | P | W | U},
      {"table-supervisor", P | W, DATA | P | W | U}, {"table-read-only", P | U, DATA | P | W | U}, {"table-absent", W | U, DATA | P | W | U},
  };
  for (u32 wp = 0; wp < 2; wp++) {
    for (u32 n = 0; n < sizeof kinds / sizeof *kinds; n++) {
      heading_of(wp ? "rights with WP: " : "rights: ", kinds[n].name);
      for (u32 user = 0; user < 2; user++) {
        set_wp(wp);
        begin(user ? RING3 : RING0);
        directory(PAGES, (TABLES + 0x2000) | kinds[n].table);
        page(PAGES, kinds[n].entry);
        FAULTING(user ? "user-read" : "supervisor-read", "movl 0x400ffc, %eax; movl $1, %eax");
        begin(user ? RING3 : RING0);
        directory(PAGES, (TABLES + 0x2000) | kinds[n].table);
        page(PAGES, kinds[n].entry);
        FAULTING(user ? "user-write" : "supervisor-write", "movl %eax, 0x400004; movl $1, %eax");
        begin(user ? RING3 : RING0);
        directory(PAGES, (TABLES + 0x2000) | kinds[n].table);
        page(PAGES, kinds[n].entry);
        FAULTING(user ? "user-modify" : "supervisor-modify", "andl $0, 0x400004; movl $1, %eax");
        show_value("entry", page_entry(PAGES) & 0xfff);
      }
    }
  }
  set_wp(0);
  directory(PAGES, (TABLES + 0x2000) | P | W | U);
}

static void marks(void) {
  heading("accessed and dirty");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  RUN32("read", "movl 0x400000, %eax; movl $1, %eax");
  show_value("entry", page_entry(PAGES));
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  RUN32("write", "movl %eax, 0x400000");
  show_value("entry", page_entry(PAGES));
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  RUN32("read-then-write", "movl 0x400000, %ecx; movl %eax, 0x400000; movl $1, %ecx");
  show_value("entry", page_entry(PAGES));
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  RUN32("cmpxchg-unequal", "movl $0, 0x30000; movl $1, %eax; cmpxchgl %ecx, 0x400000; cmpl %edx, %edx");
  show_value("entry", page_entry(PAGES));
  begin(RING3);
  page(PAGES, DATA | P | W);
  RUN32("refused", "movl %eax, 0x400000");
  show_value("entry", page_entry(PAGES));
  begin(RING0);
  directory(PAGES, (TABLES + 0x2000) | P | W | U);
  page(PAGES, DATA | P | W | U);
  RUN32("table", "movl 0x400000, %eax; movl $1, %eax");
  show_value("directory", peek32(TABLES + 4));
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  RUN32("execute", "movl $0x400000, %eax; movb $0xcd, (%eax); movb $0x40, 1(%eax); invlpg (%eax); jmp *%eax");
  show_value("entry", page_entry(PAGES));
}

static void crossing(void) {
  heading("accesses across pages");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  FAULTING("read-second-absent", "movl 0x400ffe, %eax");
  begin(RING0);
  page(PAGES, 0);
  page(PAGES + 0x1000, DATA | P | W | U);
  FAULTING("read-first-absent", "movl 0x400ffe, %eax");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  poke32(DATA + 0xffc, 0x55555555);
  FAULTING("write-second-absent", "movl %eax, 0x400ffe");
  show("memory", DATA + 0xffc, 1);
  begin(RING3);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, (DATA + 0x1000) | P | U);
  FAULTING("write-second-read-only", "movl %eax, 0x400ffe");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, (DATA + 0x4000) | P | W | U);
  FAULTING("write-scattered", "movl $0x11223344, 0x400ffe; movl 0x400ffe, %eax; movzwl 0x34000, %ecx");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  FAULTING("movs-second-absent", "movl $0x30000, %esi; movl $0x400ff0, %edi; movl $0x20, %ecx; cld; rep movsb");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  FAULTING("stos-down-absent", "movl $0x400008, %edi; movl $0x20, %ecx; std; rep stosl");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  FAULTING("push-absent", "movl $0x401800, %esp; movl $0, 0x400000; movl $0x400002, %esp; pushl %eax");
  begin(RING0);
  page(PAGES, DATA | P | W | U);
  page(PAGES + 0x1000, 0);
  FAULTING("fetch-second-absent", "movb $0xb8, 0x400fff; movl $0x400fff, %eax; jmp *%eax");
  begin(RING3);
  page(PAGES, DATA | P | W);
  FAULTING("fetch-supervisor", "movl $0x400000, %eax; jmp *%eax");
}

static void implicit(void) {
  heading("implicit supervisor accesses");
  begin(RING3);
  page(GDT, GDT | P | W);
  FAULTING("gdt-supervisor", "movl $0x23, %eax; movl %eax, %ds");
  begin(RING3);
  page(GDT, GDT | P | W);
  page(TSS, TSS | P | W);
  FAULTING("io-bitmap-supervisor", "inb $0x80, %al");
  page(GDT, GDT | P | W | U);
  page(TSS, TSS | P | W | U);
  begin(RING3);
  descriptor(SPARE, 0, 0xfffff, (A_DATA | DPL(3)) & ~1, F_32 | F_PAGES);
  set_wp(1);
  page(GDT, GDT | P);
  FAULTING("accessed-bit-read-only", "movl $0xdb, %eax; movl %eax, %ds");
  set_wp(0);
  page(GDT, GDT | P | W | U);
  begin(RING3);
  page(PAGES, 0);
  poke32(TSS + 12, PAGES + 0x800);
  HANDLER("32", 0, "nop");
  gate(IDT, 0x41, CODE1, CODE2, A_INT32 | DPL(3), 0);
  FAULTING("inner-stack-absent", "int $0x41");
}

static void formats(void) {
  heading("large pages");
  begin(RING0);
  __asm__ volatile("movl %%cr4, %%eax; orl $0x90, %%eax; movl %%eax, %%cr4" : : : "eax");
  directory(PAGES, P | W | U | PS);
  FAULTING("4m-read", "movl $0x12344321, 0x30000; movl 0x430000, %eax");
  show_value("directory", peek32(TABLES + 4));
  begin(RING0);
  FAULTING("4m-write", "movl $0x99, 0x430000; movl 0x30000, %eax");
  show_value("directory", peek32(TABLES + 4));
  begin(RING3);
  directory(PAGES, P | W | PS);
  FAULTING("4m-supervisor", "movl 0x430000, %eax");
  begin(RING0);
  directory(PAGES, P | W | U | PS | 0x200000);
  FAULTING("4m-reserved", "movl 0x430000, %eax");
  begin(RING0);
  directory(PAGES, P | W | U | PS | G);
  FAULTING("global-kept", "movl 0x430000, %ecx; movl $0, 0x50004; movl %cr3, %eax; movl %eax, %cr3; movl 0x430000, %ecx; xorl %ecx, %ecx; xorl %eax, %eax");
  begin(RING0);
  directory(PAGES, P | W | U | PS | G);
  FAULTING("global-invlpg", "movl 0x430000, %ecx; movl $0, 0x50004; invlpg 0x430000; movl 0x430000, %ecx");
  begin(RING0);
  __asm__ volatile("movl %%cr4, %%eax; andl $~0x90, %%eax; movl %%eax, %%cr4" : : : "eax");
  directory(PAGES, (TABLES + 0x2000) | P | W | U | PS);
  page(PAGES, DATA | P | W | U);
  FAULTING("ps-without-pse", "movl 0x400000, %ecx; xorl %ecx, %ecx");
  paging_off();
}

#define PAE_TABLES (TABLES + 0x4000)
#define MSR_EFER "0xc0000080"

static void pae(void) {
  heading("PAE");
  fill(PAE_TABLES, 0x4000, 0);
  poke32(PAE_TABLES, (PAE_TABLES + 0x1000) | P);
  poke32(PAE_TABLES + 0x1000, P | W | U | PS);
  poke32(PAE_TABLES + 0x1008, 0x200000 | P | W | U | PS);
  poke32(PAE_TABLES + 0x1010, (PAE_TABLES + 0x2000) | P | W | U);
  poke32(PAE_TABLES + 0x2000, DATA | P | W | U);
  poke32(TSS_DF + 28, PAE_TABLES);
  __asm__ volatile("movl %%cr4, %%eax; orl $0x20, %%eax; movl %%eax, %%cr4; movl %0, %%cr3;"
                   "movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0"
                   : : "r"(PAE_TABLES) : "eax", "memory");
  begin(RING0);
  FAULTING("read", "movl $0x12344321, 0x30000; movl 0x400000, %eax");
  show_value("entry", peek32(PAE_TABLES + 0x2000));
  begin(RING3);
  FAULTING("2m-write", "movl %eax, 0x230000; movl $1, %ecx");
  show_value("entry", peek32(PAE_TABLES + 0x1008));
  begin(RING3);
  FAULTING("absent", "movl %eax, 0x401000");
  begin(RING3);
  FAULTING("pdpte-absent", "movl 0x40000000, %eax");
  begin(RING0);
  poke32(PAE_TABLES + 0x1008, 0x202000 | P | W | U | PS);
  FAULTING("2m-reserved", "movl %cr3, %eax; movl %eax, %cr3; movl 0x230000, %eax");
  poke32(PAE_TABLES + 0x1008, 0x200000 | P | W | U | PS);
  begin(RING0);
  poke32(PAE_TABLES + 0x2004, 0x80000000);
  FAULTING("nx-reserved", "invlpg 0x400000; movl 0x400000, %eax");
  begin(RING0);
  FAULTING("nx-enable", "movl $" MSR_EFER ", %ecx; rdmsr; orl $0x800, %eax; wrmsr");
  begin(RING0);
  FAULTING("nx-read", "movl $0x40cd, 0x30000; invlpg 0x400000; movl 0x400000, %eax");
  begin(RING0);
  FAULTING("nx-execute", "movl $0x400000, %eax; jmp *%eax");
  begin(RING3);
  FAULTING("nx-execute-ring3", "movl $0x400000, %eax; jmp *%eax");
  begin(RING3);
  FAULTING("nx-fetch-absent", "movl $0x401000, %eax; jmp *%eax");
  begin(RING0);
  poke32(PAE_TABLES + 0x2004, 0);
  FAULTING("nx-clear", "invlpg 0x400000; movl $0x400000, %eax; jmp *%eax");
  begin(RING0);
  poke32(PAE_TABLES + 8, 2 | P);
  FAULTING("pdpte-reserved", "movl %cr3, %eax; movl %eax, %cr3");
  poke32(PAE_TABLES + 8, 0);
  begin(RING0);
  FAULTING("nx-disable", "movl $" MSR_EFER ", %ecx; rdmsr; andl $~0x800, %eax; wrmsr");
  paging_off();
}

void cases_paging(void) {
  paging_on();
  rights();
  marks();
  crossing();
  implicit();
  formats();
  pae();
}
