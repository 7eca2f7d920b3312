/* Tables, the run of one case, and its line of output on the debug console. */
#include "machine.h"

struct state in;
u32 task_vector, breakpoints;
volatile struct outcome out;
const char *volatile first_byte, *volatile end_byte;
static struct state before;
static u32 real_mode;
static u32 directory_used;

/* The kernel's command line names the cases to leave out, each as "group/case" and a comma behind it: those that the
 * machine at hand cannot survive. */
static const char *left_out = "";
static const char *group = "";
static u32 leaving_out;

void leave_out(const char *cases) { left_out = cases; }

void enter(int outer);
void enter_real(void);
void double_fault(void);
extern const u32 stubs[0x41];
extern const u32 real_stubs_at;
extern const u8 trampoline[], trampoline_end[];
extern const u8 protected_idt[];

#define REAL_STATE 0x3000
#define TRAMPOLINE 0x1000
#define DEBUG_PORT 0xe9
#define EXIT_PORT 0xf4

static inline void out8(u32 port, u32 value) { __asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port)); }

void stop(u32 value) {
  out8(EXIT_PORT, value);
  for (;;) __asm__ volatile("cli; hlt");
}

void print(const char *text) {
  while (*text) out8(DEBUG_PORT, (u8)*text++);
}

static void print_hex(u32 value) {
  int shift = 28;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out8(DEBUG_PORT, "0123456789abcdef"[(value >> shift) & 15]);
}

static void print_field(const char *name, u32 value) {
  print(" ");
  print(name);
  print("=");
  print_hex(value);
}

void show_value(const char *what, u32 value) {
  if (leaving_out) return;
  print("  ");
  print(what);
  print("=");
  print_hex(value);
  print("\n");
}

void show(const char *what, u32 address, u32 count) {
  if (leaving_out) return;
  print("  ");
  print(what);
  for (; count > 0; count--, address += 4) {
    print(" ");
    print_hex(peek32(address));
  }
  print("\n");
}

void heading(const char *text) { heading_of(text, ""); }

void heading_of(const char *text, const char *kind) {
  static char name[64];
  char *at = name;
  while (*text) *at++ = *text++;
  while (*kind) *at++ = *kind++;
  *at = 0;
  group = name;
  print("# ");
  print(name);
  print("\n");
}

void copy(void *to, const void *from, u32 size) {
  u8 *t = to;
  const u8 *f = from;
  while (size--) *t++ = *f++;
}

void fill(u32 address, u32 size, u8 value) {
  volatile u8 *at = (u8 *)address;
  while (size--) *at++ = value;
}

void descriptor(u32 selector, u32 base, u32 limit, u32 access, u32 flags) {
  u32 table = (selector & 4) ? LDT : GDT;
  u32 at = table + (selector & 0xfff8);
  poke32(at, (limit & 0xffff) | (base << 16));
  poke32(at + 4, ((base >> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | (flags << 20) | (base & 0xff000000));
}

/* A call gate (table GDT or LDT, index as a selector) or an IDT gate (index a vector). */
void gate(u32 table, u32 index, u32 selector, u32 offset, u32 access, u32 parameters) {
  u32 at = table + (table == IDT ? index * 8 : index & 0xfff8);
  poke32(at, (offset & 0xffff) | (selector << 16));
  poke32(at + 4, (offset & 0xffff0000) | (access << 8) | parameters);
}

void fault_task(u32 vector) {
  gate(IDT, vector, SEL_TSS_DF, 0, A_TASKGATE, 0);
  task_vector = vector;
}

static void tables(void) {
  fill(GDT, GDT_ENTRIES * 8, 0);
  descriptor(CODE0, 0, 0xfffff, A_CODE, F_32 | F_PAGES);
  descriptor(DATA0, 0, 0xfffff, A_DATA, F_32 | F_PAGES);
  descriptor(CODE3, 0, 0xfffff, A_CODE | DPL(3), F_32 | F_PAGES);
  descriptor(DATA3, 0, 0xfffff, A_DATA | DPL(3), F_32 | F_PAGES);
  descriptor(SEL_TSS, TSS, TSS_SIZE - 1, A_TSS32, 0);
  descriptor(SEL_TSS_DF, TSS_DF, 103, A_TSS32, 0);
  descriptor(SEL_LDT, LDT, 63, A_LDT, 0);
  descriptor(CODE16, CODE, 0xffff, A_CODE, F_16);
  descriptor(DATA16, DATA, 0xffff, A_DATA, F_16);
  descriptor(SMALL, DATA, 0xfff, A_DATA, F_32);
  descriptor(DOWN32, DATA, 0xfff, A_DOWN, F_32);
  descriptor(DOWN16, DATA, 0xfff, A_DOWN, F_16);
  descriptor(READONLY, 0, 0xfffff, A_READONLY, F_32 | F_PAGES);
  descriptor(EXECONLY, 0, 0xfffff, A_EXECONLY, F_32 | F_PAGES);
  descriptor(CONFORMING, 0, 0xfffff, A_CONFORMING, F_32 | F_PAGES);
  descriptor(ABSENT, 0, 0xfffff, A_DATA & ~PRESENT, F_32 | F_PAGES);
  descriptor(ABSENT_CODE, 0, 0xfffff, A_CODE & ~PRESENT, F_32 | F_PAGES);
  descriptor(DATA1, 0, 0xfffff, A_DATA | DPL(1), F_32 | F_PAGES);
  descriptor(CODE1, 0, 0xfffff, A_CODE | DPL(1), F_32 | F_PAGES);
  descriptor(CODE16_3, CODE, 0xffff, A_CODE | DPL(3), F_16);
  descriptor(DATA16_3, DATA, 0xffff, A_DATA | DPL(3), F_16);
  descriptor(CODE16_LOW, 0, 0xffff, A_CODE, F_16);
  descriptor(DATA16_LOW, 0, 0xffff, A_DATA, F_16);
  fill(LDT, 64, 0);
  fill(IDT, 0x800, 0);
  for (u32 vector = 0; vector <= 0x40; vector++) {
    u32 dpl = vector == 0x40 || vector == 3 || vector == 4 ? DPL(3) : 0;
    gate(IDT, vector, CODE0, stubs[vector], A_INT32 | dpl, 0);
  }
  fault_task(8);

  fill(TSS, 0x68, 0);
  poke32(TSS + 4, INNER_STACK);
  poke32(TSS + 8, DATA0);
  poke32(TSS + 12, INNER_STACK - 0x400);
  poke32(TSS + 16, DATA1 | 1);
  poke16(TSS + 0x66, 0x68);
  fill(TSS + 0x68, 0x2001, 0xff);
  fill(TSS_DF, 104, 0);
  poke32(TSS_DF + 28, directory_used);
  poke32(TSS_DF + 32, (u32)double_fault);
  poke32(TSS_DF + 36, 2);
  poke32(TSS_DF + 56, 0xd000);
  poke32(TSS_DF + 0x48, DATA0);
  poke32(TSS_DF + 0x4c, CODE0);
  poke32(TSS_DF + 0x50, DATA0);
  poke32(TSS_DF + 0x54, DATA0);
  poke32(TSS_DF + 0x58, DATA0);
  poke32(TSS_DF + 0x5c, DATA0);
}

static void load_tables(void) {
  struct __attribute__((packed)) { u16 limit; u32 base; } gdt = {GDT_ENTRIES * 8 - 1, GDT};
  __asm__ volatile("lgdt %0; lidt protected_idt; ljmp %1, $1f; 1: movw %w2, %%ds; movw %w2, %%es; movw %w2, %%ss;"
                   "movw %w2, %%fs; movw %w2, %%gs; lldt %w3; ltr %w4"
                   : : "m"(gdt), "i"(CODE0), "r"(DATA0), "r"(SEL_LDT), "r"(SEL_TSS) : "memory");
}

void begin(enum mode mode) {
  tables();
  load_tables();
  u32 segment = mode == RING3 || mode == CODE16_RING3 ? DATA3 : DATA0;
  real_mode = mode == REAL;
  struct state s = {
      .eax = 0xa1a2a3a4, .ebx = 0xb1b2b3b4, .ecx = 0xc1c2c3c4, .edx = 0xd1d2d3d4,
      .esi = 0x51525354, .edi = 0xd5d6d7d8, .ebp = 0xe1e2e3e4, .esp = STACK,
      .ds = segment, .es = segment, .fs = segment, .gs = segment, .ss = segment, .eflags = 2,
  };
  switch (mode) {
    case CODE16_0:
    case CODE16_RING3:
      s.cs = mode == CODE16_0 ? CODE16 : CODE16_3;
      s.eip = 0;
      break;
    case V86:
    case V86_IOPL3:
    case REAL:
      s.cs = CODE >> 4;
      s.eip = 0;
      s.ds = s.es = s.fs = s.gs = s.ss = DATA >> 4;
      s.esp = STACK - DATA;
      if (mode != REAL) s.eflags |= FL_VM;
      if (mode == V86_IOPL3) s.eflags |= FL_IOPL(3);
      break;
    default:
      s.cs = mode == RING3 ? CODE3 : CODE0;
      s.eip = CODE;
  }
  in = s;
  fill(STACK - 64, 128, 0xee);
  fill(INNER_STACK - 96, 96, 0xee);
}

static u32 patches, patch_at[16], patch_value[16];

void patch(u32 at, u32 value) {
  patch_at[patches] = at;
  patch_value[patches++] = value;
}

static void set_real_vectors(void) {
  for (u32 vector = 0; vector <= 0x40; vector++) poke32(vector * 4, real_stubs_at + vector * 5);
}

static int begins(const char *text, const char *with, char end) {
  while (*with && *text == *with) text++, with++;
  return *with == 0 && *text == end;
}

static const char *behind(const char *text, char end) {
  while (*text && *text != end) text++;
  return *text ? text + 1 : text;
}

static u32 is_left_out(const char *name) {
  for (const char *at = left_out; *at; at = behind(at, ',')) {
    if (begins(at, group, '/') && begins(behind(at, '/'), name, ',')) return 1;
  }
  return 0;
}

static void compare(const char *name, u32 was, u32 is) {
  if (was != is) print_field(name, is);
}

void finish(const char *name, const void *code, u32 size) {
  leaving_out = is_left_out(name);
  if (leaving_out) {
    patches = 0;
    return;
  }
  /* Whoever strays from the snippet meets INT 40h soon. */
  for (u32 at = CODE; at < CODE + 0x2200; at += 2) poke16(at, 0x40cd);
  for (u32 i = 0; i < patches; i++) poke8(patch_at[i], patch_value[i]);
  patches = 0;
  copy((void *)CODE, code, size);
  before = in;
  __asm__ volatile("movl %0, %%dr7" : : "r"(breakpoints | 0x400));
  if (real_mode) {
    set_real_vectors();
    copy((void *)TRAMPOLINE, trampoline, (u32)(trampoline_end - trampoline));
    copy((void *)REAL_STATE, &in, sizeof in);
    enter_real();
  } else {
    enter((in.eflags & FL_VM) ? 2 : (in.cs & 3) ? 1 : 0);
  }
  __asm__ volatile("movl %0, %%dr7" : : "r"(0x400));
  breakpoints = 0;
  print(name);
  print(": ");
  print_hex(out.vector);
  if (out.vector == 8 || (out.vector >= 10 && out.vector <= 14) || out.vector == 17) print_field("err", out.error);
  if (out.vector == task_vector) {
    print("\n");
    return;
  }
  print_field("ip", out.at.eip);
  compare("cs", before.cs, out.at.cs & 0xffff);
  print_field("fl", out.at.eflags);
  compare("a", before.eax, out.at.eax);
  compare("b", before.ebx, out.at.ebx);
  compare("c", before.ecx, out.at.ecx);
  compare("d", before.edx, out.at.edx);
  compare("si", before.esi, out.at.esi);
  compare("di", before.edi, out.at.edi);
  compare("bp", before.ebp, out.at.ebp);
  compare("sp", before.esp, out.at.esp);
  compare("ss", before.ss, out.at.ss & 0xffff);
  compare("ds", before.ds, out.at.ds & 0xffff);
  compare("es", before.es, out.at.es & 0xffff);
  compare("fs", before.fs, out.at.fs & 0xffff);
  compare("gs", before.gs, out.at.gs & 0xffff);
  print("\n");
}

/* ---- Paging */

#define DIRECTORY TABLES
#define LOW_TABLE (TABLES + 0x1000)
#define HIGH_TABLE (TABLES + 0x2000)

void paging_on(void) {
  fill(DIRECTORY, 0x3000, 0);
  for (u32 n = 0; n < 1024; n++) poke32(LOW_TABLE + n * 4, (n << 12) | 7);
  poke32(DIRECTORY, LOW_TABLE | 7);
  poke32(DIRECTORY + 4, HIGH_TABLE | 7);
  directory_used = DIRECTORY;
  poke32(TSS_DF + 28, DIRECTORY);
  __asm__ volatile("movl %0, %%cr3; movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0"
                   : : "r"(DIRECTORY) : "eax", "memory");
}

void paging_off(void) {
  directory_used = 0;
  __asm__ volatile("movl %%cr0, %%eax; andl $0x7ffeffff, %%eax; movl %%eax, %%cr0; xorl %%eax, %%eax;"
                   "movl %%eax, %%cr3; movl %%cr4, %%eax; andl $~0xb0, %%eax; movl %%eax, %%cr4"
                   : : : "eax", "memory");
}

void page(u32 linear, u32 entry) {
  u32 table = linear >= PAGES ? HIGH_TABLE : LOW_TABLE;
  poke32(table + ((linear >> 12) & 1023) * 4, entry);
  __asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory");
}

u32 page_entry(u32 linear) {
  return peek32((linear >= PAGES ? HIGH_TABLE : LOW_TABLE) + ((linear >> 12) & 1023) * 4);
}
