/* What every case file knows: the machine's layout below 1 MiB, the tables that cases may change, and how a case runs.
 *
 * A case is a snippet of code, copied to CODE and entered with the registers of `in`. It ends with an exception, or with
 * INT 40h, its regular end. What was interrupted is then in `out` and is printed as one line: the vector and error code
 * always, and of the rest what the snippet has changed. */
#ifndef MACHINE_H
#define MACHINE_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Memory. */
#define GDT 0x4000
#define IDT 0x5000
#define TSS 0x6000        /* the kernel's, with an I/O bitmap of 0x2000 bytes behind it at 0x6068 */
#define TSS_SIZE 0x2069
#define LDT 0x8800
#define TSS_OTHER 0x8a00  /* a task to switch to */
#define TSS_DF 0x8b00     /* the double-fault task */
#define INNER_STACK 0xf000
#define CODE 0x20000
#define DATA 0x30000      /* 64 KiB for cases */
#define STACK 0x38000
#define CODE2 0x48000     /* a second snippet: handlers, other tasks */
#define TABLES 0x50000    /* page tables */
#define PAGES 0x400000    /* a linear area of its own */

/* Selectors. */
#define CODE0 0x08
#define DATA0 0x10
#define CODE3 0x1b
#define DATA3 0x23
#define SEL_TSS 0x28
#define SEL_TSS_DF 0x30
#define SEL_LDT 0x38
#define CODE16 0x40       /* base CODE */
#define DATA16 0x48       /* base DATA, 16-bit stack */
#define SMALL 0x50        /* base DATA, limit FFFh */
#define DOWN32 0x58       /* base DATA, expand-down, limit FFFh, B=1 */
#define DOWN16 0x60       /* the same, B=0 */
#define READONLY 0x68
#define EXECONLY 0x70
#define CONFORMING 0x78
#define ABSENT 0x80
#define ABSENT_CODE 0x88
#define SEL_TSS16 0x90
#define GATE32 0x98
#define GATE16 0xa0
#define TASKGATE 0xa8
#define SEL_TSS_OTHER 0xb0
#define DATA1 0xb8
#define CODE1 0xc0
#define CODE16_3 0xcb
#define DATA16_3 0xd3
#define SPARE 0xd8
#define SPARE2 0xe0
#define SPARE3 0xe8
#define CODE16_LOW 0xf8   /* base 0, on the way to real mode */
#define DATA16_LOW 0x100
#define GDT_ENTRIES 34

/* Access bytes. */
#define PRESENT 0x80
#define DPL(n) ((n) << 5)
#define A_CODE (PRESENT | 0x1b)
#define A_CONFORMING (PRESENT | 0x1f)
#define A_EXECONLY (PRESENT | 0x19)
#define A_DATA (PRESENT | 0x13)
#define A_READONLY (PRESENT | 0x11)
#define A_DOWN (PRESENT | 0x17)
#define A_TSS16 (PRESENT | 0x01)
#define A_LDT (PRESENT | 0x02)
#define A_GATE16 (PRESENT | 0x04)
#define A_TASKGATE (PRESENT | 0x05)
#define A_INT16 (PRESENT | 0x06)
#define A_TRAP16 (PRESENT | 0x07)
#define A_TSS32 (PRESENT | 0x09)
#define A_GATE32 (PRESENT | 0x0c)
#define A_INT32 (PRESENT | 0x0e)
#define A_TRAP32 (PRESENT | 0x0f)
/* Flags of a descriptor, bits 20..23 of its upper half. */
#define F_16 0x0
#define F_32 0x4
#define F_PAGES 0x8

#define FL_CF 0x1
#define FL_ZF 0x40
#define FL_TF 0x100
#define FL_IF 0x200
#define FL_DF 0x400
#define FL_OF 0x800
#define FL_IOPL(n) ((n) << 12)
#define FL_NT 0x4000
#define FL_RF 0x10000
#define FL_VM 0x20000
#define FL_AC 0x40000
#define FL_VIF 0x80000
#define FL_VIP 0x100000
#define FL_ID 0x200000

/* The order is known to entry.S. */
struct state {
  u32 edi, esi, ebp, unused, ebx, edx, ecx, eax;
  u32 gs, fs, es, ds;
  u32 eip, cs, eflags, esp, ss;
};
struct outcome {
  struct state at;
  u32 vector, error, has_error;
};

extern struct state in;
extern volatile struct outcome out;
/* DR7 while the next case runs. */
extern u32 breakpoints;

/* How a snippet is entered. */
enum mode { RING0, RING3, CODE16_0, CODE16_RING3, V86, V86_IOPL3, REAL, AS_SET };

void begin(enum mode mode);
void finish(const char *name, const void *code, u32 size);

/* Runs a snippet of 32-bit or 16-bit code. Statements that change `in` or tables go between begin and RUN.
 * Basic asm on purpose: the snippets keep their plain % signs. */
extern const char *volatile first_byte, *volatile end_byte;
#define SNIPPET(bits, ...)                                                                                             \
  __asm__ volatile("jmp 72f\n.code" bits "\n71: " __VA_ARGS__                                                            \
                   "\nint $0x40\n73:\n.code32\n72: movl $71b, first_byte\nmovl $73b, end_byte")
#define RUN_BITS(bits, name, ...)                                                                                      \
  do {                                                                                                                 \
    SNIPPET(bits, __VA_ARGS__);                                                                                        \
    finish(name, first_byte, (u32)(end_byte - first_byte));                                                            \
  } while (0)
#define RUN32(name, ...) RUN_BITS("32", name, __VA_ARGS__)
#define RUN16(name, ...) RUN_BITS("16", name, __VA_ARGS__)
#define CASE(name, mode, ...) do { begin(mode); RUN32(name, __VA_ARGS__); } while (0)
#define CASE16(name, mode, ...) do { begin(mode); RUN16(name, __VA_ARGS__); } while (0)
/* Puts a second snippet at CODE2 + offset; it may end in INT 40h too. */
#define HANDLER(bits, offset, ...)                                                                                     \
  do {                                                                                                                 \
    SNIPPET(bits, __VA_ARGS__);                                                                                        \
    copy((void *)(CODE2 + (offset)), first_byte, (u32)(end_byte - first_byte));                                        \
  } while (0)

void descriptor(u32 selector, u32 base, u32 limit, u32 access, u32 flags);
void gate(u32 table, u32 index, u32 selector, u32 offset, u32 access, u32 parameters);
void copy(void *to, const void *from, u32 size);
/* Gives a vector to the task of its own that double faults have. */
void fault_task(u32 vector);
/* A byte in the pages behind CODE, for the next case: the rest is INT 40h. */
void patch(u32 at, u32 value);
void fill(u32 address, u32 size, u8 value);
/* Prints words of memory on a line of their own. */
void show(const char *what, u32 address, u32 count);
void show_value(const char *what, u32 value);
void print(const char *text);
void heading(const char *text);
void heading_of(const char *text, const char *kind);
void leave_out(const char *cases);

static inline void poke32(u32 at, u32 value) { *(volatile u32 *)at = value; }
static inline void poke16(u32 at, u32 value) { *(volatile u16 *)at = (u16)value; }
static inline void poke8(u32 at, u32 value) { *(volatile u8 *)at = (u8)value; }
static inline u32 peek32(u32 at) { return *(volatile u32 *)at; }

/* Page tables: identity for the first 4 MiB, PAGES and the 4 MiB behind it for cases. */
void paging_on(void);
void paging_off(void);
void page(u32 linear, u32 entry);
u32 page_entry(u32 linear);

void stop(u32 value) __attribute__((noreturn));

#endif
