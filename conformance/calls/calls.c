/*
 * calls SEED COUNT [DEPTH]: COUNT random operations on memory, code, processes, signals and files, with a line on each. What it prints depends
 * on the arguments alone: no address, process or time is in it, and processes that run at the same time share nothing or take turns.
 */

#include "../programs/linux.h"
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <ucontext.h>

#ifdef __x86_64__
#define REG(name) REG_R##name
#define MOVE "movq"
#define STACK_POINTER "%%rsp"
#define CALL_D "call *%%rdx"
#else
#define REG(name) REG_E##name
#define MOVE "movl"
#define STACK_POINTER "%%esp"
#define CALL_D "call *%%edx"
#endif

enum { PAGE = 4096, AREAS = 6, PAGES = 16, STRIDE = 0x40000, DEEPEST = 3 };
/* Every area in its place; files of areas once more, shared and writable; what areas are moved through; a single file. */
enum { HOME = 0x20000000, ALIASES = 0x21000000, ELSEWHERE = 0x22000000, FILE_HOME = 0x23000000, END = 0x24000000 };
enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE, RX = PROT_READ | PROT_EXEC, RWX = RW | PROT_EXEC };

/* ---- Randomness and the transcript */

static u32 state, checksum = 1, depth, operation;

static u32 next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

static u32 pick(u32 below) { return (next() >> 8) % below; }

static void seed(u32 value) {
  state = (value + 1) * 2654435761u;
  if (state == 0) state = 1;
  for (u32 n = 0; n < 8; n++) next();
}

static u32 mixed(u32 sum, u32 value) {
  sum = (sum ^ value) * 0x01000193;
  return sum ^ sum >> 15;
}

static void put_name(const char *name) {
  put(" ");
  if (!*name) return;
  put(name);
  put(" ");
}

static void note(const char *name, u32 value) {
  put_name(name);
  put_hex(value, 8);
  checksum = mixed(checksum, value);
}

/* A number or an error. */
static void note_result(const char *name, word result) {
  const int number = (int)result;
  put_name(name);
  if (number < 0) put("-");
  put_number(number < 0 ? -number : number);
  checksum = mixed(checksum, number);
}

static void begin_line(const char *name) {
  for (u32 n = 0; n < depth; n++) put("  ");
  put_number(operation);
  put(" ");
  put(name);
}

static void finish_line(void) {
  put(" = ");
  put_hex(checksum, 8);
  end_line();
}

#define CALL(name, ...) CALL_(__NR_##name, __VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL_(number, a, b, c, d, e, ...) call(number, (word)(a), (word)(b), (word)(c), (word)(d), (word)(e))

static int failed(word result) { return result > -4096ul; }

static void must(word result, const char *what) {
  if (!failed(result)) return;
  put(" cannot ");
  put(what);
  put(": ");
  put_number(-(int)result);
  end_line();
  leave(3);
}

/* ---- Areas */

enum { ABSENT = 0x80 };

static struct {
  u32 pages;
  int file, shared;
  volatile int whole; /* In one mapping. */
  volatile u8 rights[PAGES];
} areas[AREAS];

static word home(u32 area) { return HOME + area * STRIDE; }
static word alias(u32 area) { return ALIASES + area * STRIDE; }

static word map_at(word address, u32 size, int rights, int flags, int file) {
  if (file < 0) flags |= MAP_ANONYMOUS;
  return call(SYS_MMAP, address, size, rights, flags | MAP_FIXED, (word)file);
}

static void set_rights(word address, u8 rights) {
  const u32 area = (address - HOME) / STRIDE, page = (address - HOME) % STRIDE / PAGE;
  if (address < HOME || area >= AREAS || page >= PAGES) return;
  areas[area].rights[page] = rights;
  areas[area].whole = 0;
}

static word protect(word page, u8 rights) {
  const word result = CALL(mprotect, page, PAGE, rights);
  if (!failed(result)) set_rights(page, rights);
  return result;
}

static u32 size_of(int file) { return CALL(lseek, file, 0, 2); }

/* ---- Faults */

enum policy { SKIP, REPAIR };

/* Volatile: what a handler looks at or changes. */
static volatile enum policy policy;
static volatile struct {
  u32 count, sum;
} faults;
/* Where a fault leaves a snippet to, and its stack pointer there. */
__attribute__((used)) static volatile word skip_to, skip_sp;

extern char restorer[], handle_fault[], handle_signal[];
#ifdef __x86_64__
__asm__("restorer: movl $15, %eax; syscall\n");
#else
__asm__("restorer: movl $173, %eax; int $0x80\n");
#endif

static void fault(int number, siginfo_t *information, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const word address = (word)information->si_addr, page = address & -(word)PAGE;
  faults.count++;
  faults.sum = mixed(faults.sum, number << 24 ^ information->si_code << 16);
  if (number == SIGILL) {
    faults.sum = mixed(faults.sum, address % PAGE);
  } else if (address >= HOME && address < END) {
    faults.sum = mixed(faults.sum, address - HOME);
  } else {
    put(" a fault elsewhere");
    end_line();
    leave(4);
  }
  if (policy == SKIP || number == SIGILL) {
    registers[REG(IP)] = skip_to;
    if (skip_sp) registers[REG(SP)] = skip_sp;
    return;
  }
  if (number == SIGSEGV && information->si_code == SEGV_ACCERR) {
    must(protect(page, RWX), "repair");
    return;
  }
  must(map_at(page, PAGE, RWX, MAP_PRIVATE, -1), "replace");
  memset((void *)page, 0xc3, PAGE);
  set_rights(page, RWX);
}

/* The kernel's form of sigaction. */
static void on_signal(int number, void (*handler)(int, siginfo_t *, void *), word flags, u32 mask) {
  struct {
    word handler, flags, restorer, mask[8 / sizeof(word)];
  } action = {(word)handler, flags | SA_SIGINFO | 0x04000000, (word)restorer, {mask}};
  must(CALL(rt_sigaction, number, &action, 0, 8), "handle signals");
}

static void handle_faults(int on_stack) {
  const word flags = SA_NODEFER | (on_stack ? SA_ONSTACK : 0);
  on_signal(SIGSEGV, fault, flags, 0);
  on_signal(SIGBUS, fault, flags, 0);
  on_signal(SIGILL, fault, flags, 0);
}

static void note_faults(void) {
  put(" faults ");
  put_number(faults.count);
  note("", faults.sum);
  faults.count = faults.sum = 0;
}

/* ---- Accesses that may fault */

#define GUARDED(text) MOVE " $1f, skip_to\n " text "\n1:"

static u32 load(word address) {
  u32 value = 0x5eed;
  __asm__ volatile(GUARDED("movl (%1), %0") : "+r"(value) : "r"(address) : "memory");
  return value;
}

/* Locked ones within a line of the cache: a kernel may slow others down. */
static void store(word address, u32 value) {
  if (value % 4 > 1) address &= -4ul;
  switch (value % 4) {
    case 0:
      __asm__ volatile(GUARDED("movl %0, (%1)") : : "r"(value), "r"(address) : "memory");
      break;
    case 1:
      __asm__ volatile(GUARDED("movb %b0, (%1)") : : "q"(value), "r"(address) : "memory");
      break;
    case 2:
      __asm__ volatile(GUARDED("lock addl %0, (%1)") : : "r"(value), "r"(address) : "memory", "cc");
      break;
    default:
      __asm__ volatile(GUARDED("xchgl %0, (%1)") : "+r"(value) : "r"(address) : "memory");
      checksum = mixed(checksum, value);
  }
}

static void copy(word to, word from, word size) {
  __asm__ volatile(GUARDED("rep movsb") : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  checksum = mixed(checksum, size);
}

static void fill(word to, u32 value, word count) {
  __asm__ volatile(GUARDED("rep stosl") : "+D"(to), "+c"(count) : "a"(value) : "memory");
  checksum = mixed(checksum, count);
}

static u32 sum_of(const void *from, u32 size) {
  u32 sum = size;
  const u8 *at = from;
  for (; size >= 4; size -= 4, at += 4) sum = mixed(sum, *(const u32 *)at);
  while (size--) sum = mixed(sum, *at++);
  return sum;
}

/* What of it can be read, page after page. */
static u32 sum_pages(word address, u32 pages) {
  const enum policy before = policy;
  policy = SKIP;
  u32 sum = 0;
  for (u32 n = 0; n < pages; n++) {
    const u32 count = faults.count;
    checksum = mixed(checksum, load(address + n * PAGE));
    sum = mixed(sum, faults.count == count ? sum_of((void *)(address + n * PAGE), PAGE) : 0xbad);
  }
  policy = before;
  return sum;
}

static u32 sum_area(u32 area) { return sum_pages(home(area), areas[area].pages); }

static void scribble(word address, u32 pages) {
  for (u32 n = 0; n < pages; n++) {
    const word page = address + n * PAGE;
    for (u32 words = 4 + pick(12); words--;) store(page + pick(PAGE - 4), next());
    fill(page + pick(512) * 4, next(), pick(512));
  }
}

/* In one mapping, with all of its file: whether an area in several may be moved depends on the kernel. */
static int is_whole(u32 area) {
  return areas[area].whole && (areas[area].file < 0 || size_of(areas[area].file) >= areas[area].pages * PAGE);
}

/* Makes it anew. */
static void make_area(u32 area) {
  if (areas[area].file >= 0) CALL(close, areas[area].file);
  CALL(munmap, home(area), STRIDE);
  CALL(munmap, alias(area), STRIDE);
  const u32 kind = pick(4), pages = 2 + pick(PAGES - 1);
  areas[area].pages = pages;
  areas[area].shared = kind & 1;
  areas[area].file = -1;
  if (kind & 2) {
    const word file = CALL(memfd_create, "area", MFD_CLOEXEC);
    must(file, "make a memfd");
    must(CALL(ftruncate, file, pages * PAGE), "size a memfd");
    must(map_at(alias(area), pages * PAGE, RW, MAP_SHARED, file), "map an alias");
    areas[area].file = file;
  }
  must(map_at(home(area), pages * PAGE, RWX, kind & 1 ? MAP_SHARED : MAP_PRIVATE, areas[area].file), "map an area");
  for (u32 n = 0; n < PAGES; n++) areas[area].rights[n] = n < pages ? RWX : ABSENT;
  areas[area].whole = 1;
  scribble(home(area), pages);
}

/* ---- Code, of encodings that mean the same in 32-bit and in 64-bit code */

enum { LONGEST = 96 };

struct encoding {
  u32 size, number; /* Bytes; those of the number after them. */
  const char *bytes;
};

static const struct encoding SET = {1, 4, "\xb8"};               /* mov eax, imm32 */
static const struct encoding CHANGE_NEXT = {3, 0, "\x89\x4a\x0b"}; /* mov [edx + 11], ecx: the number of the ADD below */
static const struct encoding NEGATE = {2, 0, "\xf7\xd0"};        /* not eax */
static const struct encoding ADD = {1, 4, "\x05"};               /* add eax, imm32 */
static const struct encoding LAST = {1, 4, "\x35"};              /* xor eax, imm32 */
static const struct encoding RETURN = {1, 0, "\xc3"};            /* ret */
static const struct encoding BETWEEN[] = {
    {2, 0, "\xf7\xd0"},         /* not eax */
    {2, 0, "\x01\xc8"},         /* add eax, ecx */
    {3, 0, "\xc1\xc0\x07"},     /* rol eax, 7 */
    {2, 0, "\x0f\xc8"},         /* bswap eax */
    {4, 0, "\xeb\x02\x0f\x0b"}, /* jmp over ud2 */
    {2, 0, "\x50\x58"},         /* push eax; pop eax */
    {2, 4, "\x69\xc0"},         /* imul eax, eax, imm32 */
    {1, 4, "\x05"},             /* add eax, imm32 */
    /* and ecx, 63; add ecx, 1; l: add eax, ecx; sub ecx, 1; jnz l */
    {13, 0, "\x83\xe1\x3f\x83\xc1\x01\x01\xc8\x83\xe9\x01\x75\xf9"},
};
enum { CHOICES = sizeof BETWEEN / sizeof *BETWEEN };

struct function {
  u32 size, immediate;
  u8 bytes[LONGEST];
};

static void emit(struct function *function, const struct encoding *encoding) {
  memcpy(function->bytes + function->size, encoding->bytes, encoding->size);
  function->size += encoding->size;
  const u32 number = next();
  memcpy(function->bytes + function->size, &number, encoding->number);
  function->size += encoding->number;
}

/* Of EAX and ECX, with its own address in EDX; the result in EAX. `immediate` is where a number in it may be replaced. */
static void generate(struct function *function, int changes_itself) {
  function->size = 0;
  emit(function, &SET);
  if (changes_itself) {
    emit(function, &CHANGE_NEXT);
    emit(function, &NEGATE);
    emit(function, &ADD);
  }
  for (u32 n = pick(5); n--;) emit(function, &BETWEEN[pick(CHOICES)]);
  function->immediate = function->size + LAST.size;
  emit(function, &LAST);
  emit(function, &RETURN);
}

static u32 match(const u8 *at, const struct encoding *encoding) {
  for (u32 n = 0; n < encoding->size; n++) {
    if (at[n] != (u8)encoding->bytes[n]) return 0;
  }
  return encoding->size + encoding->number;
}

/* Whether it is such a function, one that does not change itself. */
static int is_function(const u8 *bytes, u32 size) {
  u32 at = match(bytes, &SET);
  for (u32 found = at; found;) {
    found = 0;
    for (u32 n = 0; n < CHOICES && !found && at < size; n++) found = match(bytes + at, &BETWEEN[n]);
    at += found;
  }
  const u32 last = at < size ? match(bytes + at, &LAST) : 0;
  return last && at + last + 1 == size && match(bytes + at + last, &RETURN);
}

static u32 run_code(word address, u32 a, u32 b) {
  word at = address, other = b;
  __asm__ volatile(MOVE " " STACK_POINTER ", skip_sp\n " MOVE " $1f, skip_to\n " CALL_D "\n1: movl $0, skip_sp"
                   : "+a"(a), "+c"(other), "+d"(at)
                   :
                   : "memory", "cc");
#ifdef __x86_64__
  skip_sp = 0;
#endif
  return a;
}

static u32 run_often(word address, u32 times) {
  u32 sum = 0;
  for (u32 n = 0; n < times; n++) sum = mixed(sum, run_code(address, n, n * 3));
  return sum;
}

/* After a write through another address than that of the code. */
static void serialize(void) {
  u32 a = 0, b, c = 0, d;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : : "memory");
}

static u32 times(void) { return pick(8) == 0 ? 500 + pick(2000) : 1 + pick(60); }

/* Where functions were left. */
static struct {
  u32 size;
  word address;
} functions[16];

/* Where a function may be put into pages that can all be written and run: across two pages at times. */
static word place(u32 area) {
  const u32 page = pick(areas[area].pages - 1);
  return home(area) + (pick(2) ? (page + 1) * PAGE - 1 - pick(LONGEST) : page * PAGE + pick(PAGE - LONGEST));
}

static u8 rights_of(word address) { return areas[(address - HOME) / STRIDE].rights[(address - HOME) % STRIDE / PAGE]; }

/* Has the pages that a function lies in be there, to be read, written and executed. */
static void open_pages(word address) {
  policy = REPAIR;
  for (word page = address & -(word)PAGE; page < address + LONGEST; page += PAGE) {
    load(page);
    if (rights_of(page) != RWX) must(protect(page, RWX), "open a page");
  }
  policy = SKIP;
}

static void put_code(word address, const struct function *function) {
  open_pages(address);
  memcpy((void *)address, function->bytes, function->size);
  const u32 slot = pick(16);
  functions[slot].address = address;
  functions[slot].size = function->size;
}

/* ---- Processes */

static word fork_process(void) {
  const word child = CALL(fork, 0);
  must(child, "fork");
  if (child) return child;
  CALL(prctl, PR_SET_PDEATHSIG, SIGKILL);
  depth++;
  return 0;
}

static u32 wait_for(word child) {
  int status = 0;
  must(CALL(wait4, child, &status, 0, 0), "wait");
  return status;
}

static void open_pipe(int ends[2]) { must(CALL(pipe, ends), "make a pipe"); }

static void close_pair(const int ends[2]) {
  CALL(close, ends[0]);
  CALL(close, ends[1]);
}

static void write_all(int file, const void *from, u32 size) {
  for (const u8 *at = from; size;) {
    const word done = CALL(write, file, at, size);
    must(done, "write");
    at += done;
    size -= done;
  }
}

static void read_all(int file, void *to, u32 size) {
  for (u8 *at = to; size;) {
    const word done = CALL(read, file, at, size);
    must(done == 0 ? -(word)EPIPE : done, "read");
    at += done;
    size -= done;
  }
}

static void send_word(int file, u32 value) { write_all(file, &value, 4); }

static u32 receive_word(int file) {
  u32 value = 0;
  read_all(file, &value, 4);
  return value;
}

/* ---- Operations */

static void steps(u32 count);

static void op_area(void) {
  const u32 area = pick(AREAS);
  make_area(area);
  put(" ");
  put_number(areas[area].pages);
  note("sum", sum_area(area));
}

static void op_access(void) {
  const u32 area = pick(AREAS);
  policy = pick(4) ? SKIP : REPAIR;
  for (u32 n = 8 + pick(24); n--;) {
    const word at = home(area) + pick(areas[area].pages * PAGE + PAGE - 4);
    if (pick(2)) store(at, next());
    else checksum = mixed(checksum, load(at));
  }
  note_faults();
  note("sum", sum_area(area));
}

static void op_protect(void) {
  static const u8 rights[] = {PROT_NONE, R, RW, RX, RWX};
  const u32 area = pick(AREAS), first = pick(areas[area].pages);
  for (u32 n = first; n < areas[area].pages && n < first + 4; n++) {
    note_result("page", protect(home(area) + n * PAGE, rights[pick(5)]));
  }
  policy = SKIP;
  for (u32 n = 0; n < 8; n++) store(home(area) + pick(areas[area].pages * PAGE - 4), next());
  note_faults();
}

static void op_unmap(void) {
  const u32 area = pick(AREAS), first = pick(areas[area].pages), count = 1 + pick(areas[area].pages - first);
  const word at = home(area) + first * PAGE;
  note_result("", CALL(munmap, at, count * PAGE));
  for (u32 n = 0; n < count; n++) set_rights(at + n * PAGE, ABSENT);
  note("sum", sum_area(area));
  note_faults();
  if (pick(3)) {
    policy = REPAIR;
    scribble(at, count);
    note_faults();
    note("sum", sum_area(area));
  }
}

static void op_remap(void) {
  const u32 area = pick(AREAS);
  if (!is_whole(area)) make_area(area);
  const u32 size = areas[area].pages * PAGE;
  const word here = home(area), there = ELSEWHERE + area * STRIDE;
  struct function function;
  generate(&function, 0);
  const word at = place(area);
  put_code(at, &function);
  note("code", run_often(at, times()));
  must(CALL(mremap, here, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, there), "move an area");
  note("moved", run_often(at - here + there, times()));
  policy = SKIP;
  note("gone", run_code(at, 1, 2));
  note_faults();
  /* Others' pages where the code was. */
  must(map_at(here, size, RWX, MAP_PRIVATE, -1), "map");
  generate(&function, 0);
  memcpy((void *)at, function.bytes, function.size);
  note("other", run_often(at, times()));
  note("sum", sum_pages(there, areas[area].pages));
  must(CALL(mremap, there, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, here), "move an area back");
  note("back", run_often(at, times()));
  const u32 smaller = 1 + pick(areas[area].pages);
  if (areas[area].file < 0 && !areas[area].shared && smaller > 1) {
    must(CALL(mremap, here, size, smaller * PAGE, 0, 0), "shrink an area");
    const word grown = CALL(mremap, here, smaller * PAGE, size, 0, 0);
    put(grown == here ? " grown" : " not grown");
  }
  note("sum", sum_area(area));
}

static void op_copy(void) {
  const u32 from = pick(AREAS), to = pick(AREAS);
  const u32 least = areas[from].pages < areas[to].pages ? areas[from].pages : areas[to].pages;
  const u32 size = pick(least * PAGE);
  policy = pick(3) ? REPAIR : SKIP;
  copy(home(to) + pick(PAGE), home(from) + pick(PAGE), size);
  note_faults();
  note("sum", sum_area(to));
}

static void op_code(void) {
  const u32 area = pick(AREAS);
  struct function function;
  generate(&function, pick(3) == 0);
  const word at = place(area);
  put_code(at, &function);
  note("first", run_often(at, times()));
  word immediate = at + function.immediate;
  for (u32 rounds = 1 + pick(6); rounds--;) {
    const u32 value = next();
    int ends[2];
    const u32 way = pick(6);
    switch (way) {
      case 0: store(immediate, value & ~3); break;
      case 1:
      case 2:
        if (areas[area].file >= 0 && areas[area].shared && at + LONGEST <= home(area) + size_of(areas[area].file)) {
          const word other = immediate - home(area) + alias(area);
          if (way == 1) store(other, value & ~3);
          else must(CALL(pwrite64, areas[area].file, &value, 4, immediate - home(area), 0), "write code");
        } else {
          copy(immediate, (word)&value, 4);
        }
        break;
      case 3:
        open_pipe(ends);
        write_all(ends[1], &value, 4);
        note_result("read", CALL(read, ends[0], immediate, 4));
        close_pair(ends);
        break;
      case 4:
        generate(&function, 0);
        put_code(at, &function);
        immediate = at + function.immediate;
        break;
      default:
        must(protect(at & -(word)PAGE, RX), "protect code");
        note("protected", run_often(at, times()));
        policy = REPAIR;
        store(at + 1, value & ~3);
        store(at + 1, value & ~3);
        policy = SKIP;
    }
    serialize();
    note("then", run_often(at, times()));
  }
  if (pick(3) == 0) {
    /* The second page cannot be fetched at first. */
    const word page = (at & -(word)PAGE) + PAGE;
    if (page < at + function.size) must(protect(page, PROT_NONE), "hide code");
    policy = REPAIR;
    note("hidden", run_code(at, 1, 2));
    policy = SKIP;
  }
  note_faults();
}

/* What was left by earlier operations, if it still is the code of a function. */
static void op_old_code(void) {
  u32 ran = 0, sum = 0;
  for (u32 slot = 0; slot < 16; slot++) {
    const u32 size = functions[slot].size, count = faults.count;
    const word at = functions[slot].address;
    u8 bytes[2 * LONGEST] = {0};
    int good = size > 0;
    for (u32 n = 0; n < size; n++) {
      bytes[n] = load(at + n);
      good &= (rights_of(at + n) & (ABSENT | PROT_EXEC)) == PROT_EXEC;
    }
    if (!good || faults.count != count || !is_function(bytes, size)) continue;
    ran++;
    sum = mixed(sum, run_often(at, times()));
  }
  put(" ran ");
  put_number(ran);
  note("", sum);
  note_faults();
}

static void op_fork(void) {
  const u32 value = next(), count = 1 + pick(6);
  if (depth >= DEEPEST) return;
  finish_line();
  const word child = fork_process();
  if (child == 0) {
    seed(value);
    operation = 0;
    steps(count);
    leave(checksum & 0xff);
  }
  const u32 status = wait_for(child);
  begin_line("forked");
  note("status", status);
  for (u32 area = 0; area < AREAS; area++) checksum = mixed(checksum, sum_area(area));
}

static void decimal(char *to, u32 value) {
  char digits[10];
  u32 size = 0;
  do digits[size++] = '0' + value % 10;
  while (value /= 10);
  while (size) *to++ = digits[--size];
  *to = 0;
}

static void op_exec(void) {
  const u32 value = next(), count = 1 + pick(5);
  if (depth >= DEEPEST) return;
  finish_line();
  const word child = fork_process();
  if (child == 0) {
    char texts[3][11];
    decimal(texts[0], value);
    decimal(texts[1], count);
    decimal(texts[2], depth);
    const char *path = (const char *)arguments[1];
    const char *list[] = {path, texts[0], texts[1], texts[2], 0};
    must(CALL(execve, path, list, list + 4), "execute itself");
  }
  const u32 status = wait_for(child);
  begin_line("executed");
  note("status", status);
}

/* Processes that write their own copies of the same pages at the same time. */
static void op_copies(void) {
  const u32 area = pick(AREAS), children = 1 + pick(3);
  while (areas[area].shared) make_area(area);
  policy = REPAIR;
  scribble(home(area), areas[area].pages);
  struct {
    word process;
    int ends[2];
  } child[3];
  for (u32 n = 0; n < children; n++) {
    const u32 value = next();
    open_pipe(child[n].ends);
    child[n].process = fork_process();
    if (child[n].process) continue;
    seed(value);
    for (u32 rounds = 1 + pick(6); rounds--;) scribble(home(area) + pick(areas[area].pages) * PAGE, 1);
    send_word(child[n].ends[1], sum_area(area));
    leave(value & 0x7f);
  }
  for (u32 rounds = 1 + pick(6); rounds--;) scribble(home(area) + pick(areas[area].pages) * PAGE, 1);
  for (u32 n = 0; n < children; n++) {
    note("child", receive_word(child[n].ends[0]));
    note_result("status", wait_for(child[n].process));
    close_pair(child[n].ends);
  }
  faults.count = faults.sum = 0;
  note("sum", sum_area(area));
}

static u8 buffer[98304], answer[98304];

static void op_pipes(void) {
  const u32 size = 1 + pick(pick(3) ? 6000 : sizeof buffer), sockets = pick(2);
  int to[2], from[2];
  if (sockets) {
    must(CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, to), "make sockets");
    must(CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, from), "make sockets");
  } else {
    open_pipe(to);
    open_pipe(from);
  }
  for (u32 n = 0; n < size; n += 1 + n / 16) buffer[n] = next();
  const word child = fork_process();
  if (child == 0) {
    read_all(to[0], answer, size);
    for (u32 n = 0; n < size; n++) answer[n] = answer[n] * 5 + n;
    send_word(from[1], sum_of(answer, size));
    write_all(from[1], answer, size);
    leave(0);
  }
  for (u32 done = 0; done < size;) {
    u32 part = 1 + pick(9000);
    if (part > size - done) part = size - done;
    write_all(to[1], buffer + done, part);
    done += part;
  }
  note("child", receive_word(from[0]));
  read_all(from[0], answer, size);
  note("sum", sum_of(answer, size));
  note_result("status", wait_for(child));
  close_pair(to);
  close_pair(from);
}

/* -- Signals */

static volatile struct {
  u32 count, sum;
} handled;
static volatile int nested;

static void on_note(int number, siginfo_t *information, void *context) {
  (void)context;
  handled.count++;
  handled.sum = mixed(handled.sum, number << 8 ^ (information->si_code & 0xff));
  if (nested > 0) {
    nested--;
    CALL(kill, CALL(getpid, 0), number == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    handled.sum = mixed(handled.sum, number);
  }
}

static void set_mask(u32 mask) {
  u32 set[2] = {mask, 0};
  must(CALL(rt_sigprocmask, SIG_SETMASK, set, 0, 8), "mask signals");
}

enum { BOTH = 1 << (SIGUSR1 - 1) | 1 << (SIGUSR2 - 1) };

static void op_signals(void) {
  const word self = CALL(getpid, 0);
  const word on_stack = pick(2) ? SA_ONSTACK : 0;
  on_signal(SIGUSR1, on_note, on_stack | (pick(2) ? SA_NODEFER : 0), pick(2) ? BOTH : 0);
  on_signal(SIGUSR2, on_note, on_stack | (pick(2) ? SA_NODEFER : 0), pick(2) ? BOTH : 0);
  handled.count = handled.sum = 0;
  nested = pick(6);
  for (u32 n = 1 + pick(4); n--;) CALL(kill, self, pick(2) ? SIGUSR1 : SIGUSR2);
  set_mask(BOTH);
  for (u32 n = 1 + pick(4); n--;) CALL(kill, self, pick(2) ? SIGUSR1 : SIGUSR2);
  u32 pending[2] = {0, 0};
  CALL(rt_sigpending, pending, 8);
  note("pending", pending[0]);
  nested = pick(3);
  set_mask(0);
  /* From a child, which has nothing else to say. */
  set_mask(BOTH);
  const u32 number = pick(2) ? SIGUSR1 : SIGUSR2;
  const word child = fork_process();
  if (child == 0) {
    CALL(kill, self, number);
    leave(number);
  }
  u32 set[2] = {0, 0};
  if (pick(2)) {
    note_result("suspended", CALL(rt_sigsuspend, set, 8));
  } else {
    set[0] = BOTH;
    note_result("waited", CALL(rt_sigtimedwait, set, 0, 0, 8));
  }
  note_result("status", wait_for(child));
  set_mask(0);
  put(" handled ");
  put_number(handled.count);
  note("", handled.sum);
  nested = 0;
}

/* A child that dies of a signal, while it waits for something that does not come. */
static void op_kill(void) {
  static const u8 signals[] = {SIGKILL, SIGTERM, SIGHUP};
  int ends[2];
  open_pipe(ends);
  const u32 signal = signals[pick(3)];
  const word child = fork_process();
  if (child == 0) {
    u32 ready = 1;
    write_all(ends[1], &ready, 4);
    int never[2];
    open_pipe(never);
    CALL(read, never[0], &ready, 4);
    leave(5);
  }
  receive_word(ends[0]);
  must(CALL(kill, child, signal), "kill a child");
  note_result("status", wait_for(child));
  close_pair(ends);
}

/* -- Files */

static void op_file(void) {
  char path[32] = "/tmp/calls.";
  decimal(path + 11, CALL(getpid, 0));
  const word file = CALL(open, path, O_RDWR | O_CREAT | O_EXCL, 0600);
  must(file, "create a file in /tmp");
  const word reader = CALL(open, path, O_RDONLY);
  must(CALL(unlink, path), "remove a file");
  must(reader, "open a file");
  const u32 pages = 2 + pick(8);
  const word shared = FILE_HOME, own = FILE_HOME + STRIDE;
  must(CALL(ftruncate, file, pages * PAGE), "size a file");
  must(map_at(shared, pages * PAGE, RW, MAP_SHARED, file), "map a file");
  must(map_at(own, pages * PAGE, RW, MAP_PRIVATE, reader), "map a file");
  const word refused = map_at(own + STRIDE, PAGE, RW, MAP_SHARED, reader);
  note_result("refused", failed(refused) ? refused : 0);
  policy = SKIP;
  scribble(shared, pages);
  store(own + pick(PAGE * pages - 4), next());
  int to[2], from[2];
  open_pipe(to);
  open_pipe(from);
  const u32 rounds = 1 + pick(5), value = next();
  const word child = fork_process();
  if (child == 0) {
    seed(value);
    for (u32 n = 0; n < rounds; n++) {
      receive_word(to[0]);
      u32 numbers[4];
      for (u32 k = 0; k < 4; k++) numbers[k] = next();
      CALL(pwrite64, file, numbers, 16, pick(pages * PAGE - 16), 0);
      store(shared + pick(pages * PAGE - 4), next());
      store(own + pick(pages * PAGE - 4), next());
      send_word(from[1], sum_pages(shared, pages) ^ sum_pages(own, pages));
    }
    leave(9);
  }
  for (u32 n = 0; n < rounds; n++) {
    store(shared + pick(pages * PAGE - 4), next());
    send_word(to[1], 1);
    note("child", receive_word(from[0]));
    checksum = mixed(checksum, sum_pages(shared, pages));
  }
  note_result("status", wait_for(child));
  close_pair(to);
  close_pair(from);
  note("own", sum_pages(own, pages));
  const u32 size = pick(pages * PAGE);
  must(CALL(ftruncate, file, size), "truncate a file");
  note("cut", sum_pages(shared, pages));
  note("own", sum_pages(own, pages));
  note_faults();
  must(CALL(ftruncate, file, pages * PAGE), "size a file");
  note("grown", sum_pages(shared, pages));
  u32 read = 0;
  for (u32 n = 0; n < pages; n++) {
    note_result("", CALL(pread64, reader, buffer, PAGE, n * PAGE, 0));
    read = mixed(read, sum_of(buffer, PAGE));
  }
  note("read", read);
  CALL(munmap, shared, STRIDE);
  CALL(munmap, own, STRIDE);
  CALL(close, file);
  CALL(close, reader);
}

/* An area's file ends within the area for a while. */
static void op_truncate(void) {
  const u32 area = pick(AREAS);
  const int file = areas[area].file;
  if (file < 0) return;
  const u32 size = pick(areas[area].pages * PAGE);
  must(CALL(ftruncate, file, size), "truncate");
  policy = SKIP;
  note("sum", sum_area(area));
  note("alias", sum_pages(alias(area), areas[area].pages));
  must(CALL(ftruncate, file, (pick(2) ? areas[area].pages : size / PAGE) * PAGE), "size");
  note("sum", sum_area(area));
  note_faults();
}

/* -- Code written by others */

/* Shared, with a file, whole. */
static u32 shared_area(void) {
  const u32 area = pick(AREAS);
  while (!areas[area].shared || areas[area].file < 0 || !is_whole(area)) make_area(area);
  return area;
}

static void op_turns(void) {
  const u32 area = shared_area(), rounds = 2 + pick(12), value = next();
  struct function function;
  generate(&function, 0);
  const word at = place(area);
  put_code(at, &function);
  note("first", run_often(at, times()));
  int to[2], from[2];
  open_pipe(to);
  open_pipe(from);
  const word child = fork_process();
  if (child == 0) {
    seed(value);
    for (u32 n = 0; n < rounds; n++) {
      receive_word(to[0]);
      serialize();
      u32 sum = run_often(at, times());
      generate(&function, pick(4) == 0);
      const word where = pick(2) ? at - home(area) + alias(area) : at;
      if (pick(2)) CALL(pwrite64, areas[area].file, function.bytes, function.size, at - home(area), 0);
      else memcpy((void *)where, function.bytes, function.size);
      serialize();
      if (pick(2)) sum = mixed(sum, run_code(at, 5, 6));
      send_word(from[1], sum);
    }
    leave(11);
  }
  for (u32 n = 0; n < rounds; n++) {
    send_word(to[1], n);
    note("", receive_word(from[0]));
    serialize();
    note("", run_often(at, times()));
    if (n % 4 == 3) {
      finish_line();
      begin_line("turns");
    }
    if (pick(2)) {
      generate(&function, 0);
      memcpy((void *)at, function.bytes, function.size);
      note("", run_code(at, 7, 8));
    }
  }
  note_result("status", wait_for(child));
  close_pair(to);
  close_pair(from);
}

static void op_children(void) {
  const u32 area = shared_area(), children = 4 + pick(12);
  struct function function;
  generate(&function, 0);
  const word at = place(area);
  put_code(at, &function);
  u32 sum = 0;
  for (u32 n = 0; n < children; n++) {
    const u32 value = next();
    const word child = fork_process();
    if (child == 0) {
      seed(value);
      u32 result = run_often(at, 1 + pick(40));
      generate(&function, 0);
      const word where = pick(2) ? at - home(area) + alias(area) : at;
      memcpy((void *)where, function.bytes, function.size);
      serialize();
      result = mixed(result, run_often(at, 1 + pick(40)));
      leave(result & 0xff);
    }
    sum = mixed(sum, wait_for(child));
    serialize();
    sum = mixed(sum, run_often(at, times()));
  }
  note("sum", sum);
}

/* Code in private pages, of which each process changes its own copy. */
static void op_private_code(void) {
  const u32 area = pick(AREAS), children = 1 + pick(5);
  while (areas[area].shared || !is_whole(area)) make_area(area);
  struct function function;
  generate(&function, 0);
  const word at = place(area);
  put_code(at, &function);
  note("first", run_often(at, times()));
  for (u32 n = 0; n < children; n++) {
    const u32 value = next();
    int ends[2];
    open_pipe(ends);
    const word child = fork_process();
    if (child == 0) {
      seed(value);
      u32 sum = run_often(at, times());
      store(at + function.immediate, next() & ~3);
      sum = mixed(sum, run_often(at, times()));
      send_word(ends[1], sum);
      leave(0);
    }
    if (pick(2)) store(at + function.immediate, next() & ~3);
    note("own", run_often(at, times()));
    note("child", receive_word(ends[0]));
    wait_for(child);
    close_pair(ends);
  }
}

/* -- The rest */

static u32 descend(u32 levels, u32 value) {
  volatile u32 frame[700];
  for (u32 n = 0; n < 700; n += 50) frame[n] = value + n;
  const u32 below = levels ? descend(levels - 1, mixed(value, levels)) : 0;
  return mixed(below, frame[650] ^ frame[value % 14 * 50]);
}

static void op_stack(void) { note("sum", descend(1 + pick(120), next())); }

static void op_errors(void) {
  const u32 area = pick(AREAS);
  const word page = home(area) + pick(areas[area].pages) * PAGE, hole = ELSEWHERE + pick(16) * PAGE;
  int ends[2];
  open_pipe(ends);
  note_result("write", CALL(write, ends[1], hole, 1 + pick(100)));
  write_all(ends[1], buffer, 64);
  note_result("read", CALL(read, ends[0], hole, 32));
  note_result("page", CALL(write, ends[1], page, 1 + pick(4000)));
  const u8 rights = rights_of(page);
  note_result("rights", protect(page, rights & ABSENT ? RW : R));
  note_result("read", CALL(read, ends[0], page + pick(64), 16));
  if (!(rights & ABSENT)) protect(page, rights);
  CALL(close, ends[0]);
  handled.count = handled.sum = 0;
  on_signal(SIGPIPE, on_note, 0, 0);
  note_result("broken", CALL(write, ends[1], buffer, 8));
  note("handled", handled.sum);
  CALL(close, ends[1]);
  note_result("closed", CALL(write, ends[1], buffer, 8));
  note_result("none", CALL(wait4, -1, 0, 0, 0));
  note("sum", sum_area(area));
  note_faults();
}

static const struct {
  const char *name;
  void (*perform)(void);
  u32 weight;
} operations[] = {
    {"area", op_area, 3},         {"access", op_access, 5},     {"protect", op_protect, 5},
    {"unmap", op_unmap, 3},       {"remap", op_remap, 3},       {"copy", op_copy, 4},
    {"code", op_code, 10},        {"old-code", op_old_code, 4}, {"fork", op_fork, 3},
    {"exec", op_exec, 2},         {"copies", op_copies, 4},     {"pipes", op_pipes, 4},
    {"signals", op_signals, 4},   {"kill", op_kill, 2},         {"file", op_file, 4},
    {"truncate", op_truncate, 4}, {"turns", op_turns, 4},       {"children", op_children, 3},
    {"private", op_private_code, 4}, {"stack", op_stack, 2},    {"errors", op_errors, 3},
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

static void steps(u32 count) {
  u32 weights = 0;
  for (u32 n = 0; n < OPERATIONS; n++) weights += operations[n].weight;
  for (u32 n = 0; n < count; n++) {
    u32 chosen = 0;
    for (u32 left = pick(weights); left >= operations[chosen].weight; chosen++) left -= operations[chosen].weight;
    operation++;
    policy = SKIP;
    begin_line(operations[chosen].name);
    if (pick(8) == 0) handle_faults(pick(2));
    operations[chosen].perform();
    finish_line();
  }
}

static u32 number(const char *text) {
  u32 value = 0;
  while (*text) value = value * 10 + *text++ - '0';
  return value;
}

int main_program(void) {
  static u8 signal_stack[65536];
  if (arguments[0] < 3) return 2;
  seed(number((const char *)arguments[2]));
  const u32 count = number((const char *)arguments[3]);
  if (arguments[0] > 3) depth = number((const char *)arguments[4]);
  const stack_t alternative = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  must(CALL(sigaltstack, &alternative, 0), "give signals a stack");
  handle_faults(0);
  set_mask(0);
  for (u32 area = 0; area < AREAS; area++) {
    areas[area].file = -1;
    make_area(area);
  }
  steps(count);
  for (u32 area = 0; area < AREAS; area++) {
    operation++;
    begin_line("area");
    note("sum", sum_area(area));
    finish_line();
  }
  return 0;
}
