/* Commands about the system: time, threads, memory, and its end. */
#include "memory.h"
#include "panic.h"
#include "power.h"
#include "shell.h"
#include "thread.h"
#include "timer.h"

static volatile u32 counted;
static volatile bool counts;

static void echo(struct console *console, u32 count, const char **arguments) {
  for (u32 n = 1; n < count; n++) print(console, n + 1 < count ? "%s " : "%s", arguments[n]);
  print(console, "\n");
}

static void clock(struct console *console, u32 count, const char **arguments) {
  u32 lines = 1;
  if (count > 1 && !parse_number(arguments[1], &lines)) lines = 1;
  for (u32 n = 0; n < lines && !console_interrupted(console); n++) {
    if (n) thread_sleep(HZ);
    struct date date = clock_read();
    print(console, "%04u-%02u-%02u %02u:%02u:%02u\n", date.year, date.month, date.day, date.hour, date.minute, date.second);
  }
}

static void uptime(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  u32 ticks = timer_ticks(), seconds = ticks / HZ;
  print(console, "up %u:%02u:%02u.%02u\n", seconds / 3600, seconds / 60 % 60, seconds % 60, ticks % HZ);
}

static void ps(struct console *console, u32 count, const char **arguments) {
  static const char *const states[] = {"free", "ready", "waits"};
  (void)count, (void)arguments;
  print(console, "  id  name       state  seconds\n");
  for (u32 n = 0; n < THREADS; n++) {
    const struct thread *thread = &threads[n];
    if (thread->state == FREE) continue;
    print(console, "%4u  %-9s  %-5s  %5u.%02u\n", thread->id, thread->name, thread == current ? "runs" : states[thread->state],
          thread->ticks_used / HZ, thread->ticks_used % HZ);
  }
}

static void count_seconds(void *console) {
  while (counts) {
    notice(console, "count %u", ++counted);
    for (u32 n = 0; n < HZ / 10 && counts; n++) thread_sleep(10);
  }
  counted = 0;
}

static void count(struct console *console, u32 words, const char **arguments) {
  if (words > 1 && same(arguments[1], "stop")) {
    print(console, counts ? "count stops at %u\n" : "nothing counts (%u)\n", counted);
    counts = false;
  } else if (counts || counted) {
    print(console, "it is at %u; count stop ends it\n", counted);
  } else {
    counts = true;
    if (thread_start("count", count_seconds, console)) return;
    counts = false;
    print(console, "too many threads\n");
  }
}

static void memwrite(struct console *console, u32 count, const char **arguments) {
  u32 rate, size = 0;
  if (count > 1 && same(arguments[1], "stop")) {
    writer_stop();
  } else if (count > 1) {
    bool good = parse_number(arguments[1], &rate) && (count < 3 || parse_number(arguments[2], &size));
    const char *error = good ? writer_start(rate, size, console) : "it takes numbers";
    if (error) {
      print(console, "memwrite: %s\n", error);
      return;
    }
  }
  struct writer writer = writer_state();
  print(console, "memwrite: %s, %u MiB/s over %u MiB; %u MiB written, %u rounds, %u errors\n", writer.runs ? "runs" : "stopped",
        writer.rate, writer.size, writer.written, writer.passes, writer.errors);
}

static void mem(struct console *console, u32 count, const char **arguments) {
  static const char *const types[] = {"?", "RAM", "reserved", "ACPI tables", "ACPI NVS", "bad"};
  extern const u8 bss_end[];
  (void)count, (void)arguments;
  for (u32 n = 0; n < memory_ranges; n++) {
    const struct memory_range *range = &memory_map[n];
    u64 last = range->start + range->length - 1;
    print(console, "  %08x%08x-%08x%08x  %s\n", (u32)(range->start >> 32), (u32)range->start, (u32)(last >> 32), (u32)last,
          types[range->type < LENGTH(types) ? range->type : 0]);
  }
  print(console, "%u KiB of RAM; the kernel is at 10000-%x\n", memory_size() >> 10, (u32)bss_end - 1);
}

static void panic_command(struct console *console, u32 count, const char **arguments) {
  u32 *volatile nowhere = 0;
  if (count > 1 && same(arguments[1], "fault")) {
    *nowhere = 0;
  } else if (count > 1) {
    print(console, "panic takes nothing, or fault\n");
    return;
  }
  __asm__ volatile("ud2");
}

static void reboot_command(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  print(console, "Rebooting.\n");
  reboot();
}

static void poweroff(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  print(console, "Powering off by %s.\n", power_method());
  power_off();
}

static void halt_command(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  print(console, "Halted.\n");
  halt();
}

void shell_status(char *to, u32 size) {
  u32 length = 0;
  struct writer writer = writer_state();
  if (size) to[0] = 0;
  if (counts) length = format_to(to, size, "count %u  ", counted);
  if (writer.runs) format_to(to + length, size - length, "memwrite %u MiB/s, %u MiB", writer.rate, writer.written);
}

const struct command system_commands[] = {
    {"help", "", "this list", 0},
    {"echo", "WORDS", "prints them", echo},
    {"clock", "[LINES]", "date and time, once or once a second", clock},
    {"uptime", "", "time since the start", uptime},
    {"ps", "", "the threads", ps},
    {"threads", "", "the same", ps},
    {"count", "[stop]", "a thread that counts seconds", count},
    {"memwrite", "[MIB/S [MIB] | stop]", "a thread that writes memory and checks it", memwrite},
    {"mem", "", "the memory map", mem},
    {"panic", "[fault]", "an invalid opcode, or a page fault", panic_command},
    {"reboot", "", "resets the machine", reboot_command},
    {"poweroff", "", "switches it off", poweroff},
    {"halt", "", "stops the processor", halt_command},
};
const u32 system_command_count = LENGTH(system_commands);
