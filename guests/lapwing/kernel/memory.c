#include "memory.h"
#include "timer.h"

enum { RAM = 1, PAGE = 4096, LARGE_PAGE = 4 << 20, MIB = 1 << 20, PRESENT = 1, WRITABLE = 2, LARGE = 0x80 };
enum { CR4_PSE = 0x10, CPUID_PSE = 8, ENTRIES = 1024, DEFAULT_SIZE = 16 };
#define CR0_PAGING_AND_WRITE_PROTECT 0x80010000u

static u32 directory[ENTRIES] __attribute__((aligned(PAGE)));
static u32 low_table[ENTRIES] __attribute__((aligned(PAGE)));

static volatile struct writer writer;
static u32 *region;
static struct console *listener;

static bool has_large_pages(void) {
  u32 eax = 1, ebx, ecx, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
  return edx & CPUID_PSE;
}

void memory_init(void) {
  if (!has_large_pages()) return;
  for (u32 n = 1; n < ENTRIES; n++) low_table[n] = n * PAGE | PRESENT | WRITABLE;
  directory[0] = (u32)low_table | PRESENT | WRITABLE;
  for (u32 n = 0; n < memory_ranges; n++) {
    u64 end = memory_map[n].start + memory_map[n].length;
    u32 first = (u32)(memory_map[n].start >> 22);
    if (memory_map[n].start >> 32) continue;
    u32 last = end > 0xffffffffull ? ENTRIES - 1 : (u32)((end - 1) >> 22);
    for (u32 page = first ? first : 1; page <= last; page++) directory[page] = page * LARGE_PAGE | PRESENT | WRITABLE | LARGE;
  }
  __asm__ volatile("movl %%cr4, %%eax; orl %0, %%eax; movl %%eax, %%cr4" : : "i"(CR4_PSE) : "eax");
  __asm__ volatile("movl %0, %%cr3" : : "r"(directory));
  __asm__ volatile("movl %%cr0, %%eax; orl %0, %%eax; movl %%eax, %%cr0" : : "i"(CR0_PAGING_AND_WRITE_PROTECT) : "eax");
}

bool memory_mapped(u32 address, u32 length) {
  u32 last = address + length - 1;
  if (address < PAGE || last < address) return false;
  for (u32 page = address >> 22; page <= last >> 22; page++) {
    if (!(directory[page] & PRESENT)) return false;
  }
  return true;
}

u32 memory_size(void) {
  u32 sum = 0;
  for (u32 n = 0; n < memory_ranges; n++) {
    if (memory_map[n].type == RAM && !(memory_map[n].start >> 32)) sum += (u32)memory_map[n].length;
  }
  return sum;
}

/* RAM from 1 MiB on, in MiB. */
static u32 largest_region(void) {
  for (u32 n = 0; n < memory_ranges; n++) {
    const struct memory_range *range = &memory_map[n];
    if (range->type == RAM && range->start == MIB) return (u32)(range->length / MIB);
  }
  return 0;
}

/* Each word of a round must still be what the round before wrote there: it names the round and the word. */
static u32 pattern(u32 pass, u32 word) { return pass * 0x9e3779b1u ^ word; }

static void write_words(u32 *at, u32 words, u32 size) {
  while (words--) {
    if (writer.passes && region[*at] != pattern(writer.passes - 1, *at)) writer.errors++;
    region[*at] = pattern(writer.passes, *at);
    if (++*at < size) continue;
    *at = 0;
    writer.passes++;
  }
}

static void write_memory(void *unused) {
  (void)unused;
  u32 at = 0, size = writer.size * (MIB / 4), start = timer_ticks(), done = 0, reported = 0;
  u64 words_written = 0;
  while (writer.rate) {
    /* What is due by now; after a long pause not all at once. */
    u32 due = (timer_ticks() - start) * writer.rate;
    if (due - done > writer.rate * HZ) done = due - writer.rate * HZ;
    u32 words = (due - done) * (MIB / 4 / HZ);
    done = due;
    write_words(&at, words, size);
    words_written += words;
    writer.written = (u32)(words_written >> 18);
    if (writer.errors != reported) {
      reported = writer.errors;
      notice(listener, "memwrite: %u words are not what was written", reported);
    }
    thread_sleep(1);
  }
  writer.runs = false;
}

const char *writer_start(u32 rate, u32 size, struct console *console) {
  u32 largest = largest_region();
  if (!size) size = largest / 2 < DEFAULT_SIZE ? largest / 2 : DEFAULT_SIZE;
  if (writer.runs) return "it runs already; memwrite stop ends it";
  if (!rate || rate > 10000) return "the rate is 1 to 10000 MiB/s";
  if (!size || size > largest) return "there is not so much memory";
  region = (u32 *)MIB;
  listener = console;
  writer = (struct writer){.runs = true, .rate = rate, .size = size};
  if (thread_start("memwrite", write_memory, 0)) return 0;
  writer.runs = false;
  return "too many threads";
}

void writer_stop(void) {
  writer.rate = 0;
  while (writer.runs) thread_sleep(1);
}

struct writer writer_state(void) { return writer; }
