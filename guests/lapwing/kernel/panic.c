#include "panic.h"
#include "graphics.h"
#include "screen.h"
#include "serial.h"
#include "thread.h"

/* QEMU's docs/specs/pvpanic: the port reads which events it takes; bit 0 is a panic. */
enum { PVPANIC = 0x505, PANICKED = 1, PVPANIC_EVENTS = 7 };

/* SDM vol. 3 table 6-1. */
static const char *const names[] = {
    "divide error", "debug", "NMI", "breakpoint", "overflow", "bound range exceeded", "invalid opcode", "no FPU",
    "double fault", "coprocessor overrun", "invalid TSS", "segment not present", "stack fault", "general protection",
    "page fault", "reserved", "FPU error", "alignment check", "machine check", "SIMD error",
};

static void say(const char *text) {
  u32 length = strlen(text);
  screen_write(text, length);
  serial_write_polled(text, length);
}

static void __attribute__((noreturn)) stop(void) {
  u8 events = inb(PVPANIC);
  if ((events & PANICKED) && !(events & ~PVPANIC_EVENTS)) outb(PVPANIC, PANICKED);
  for (;;) __asm__ volatile("cli; hlt");
}

static void begin(const char *reason) {
  char line[160];
  interrupts_off();
  graphics_leave();
  say("\x1b[97;41m\x1b[2J\x1b[H\r\n");
  format_to(line, sizeof line, "*** Lapwing panics: %s (thread %s)\r\n", reason, current->name);
  say(line);
}

void panic(const char *pattern, ...) {
  char reason[128];
  va_list arguments;
  va_start(arguments, pattern);
  format(reason, sizeof reason, pattern, arguments);
  va_end(arguments);
  begin(reason);
  say("The system has stopped.\x1b[0m\r\n");
  stop();
}

void panic_exception(const struct frame *frame) {
  char line[160];
  u32 address;
  __asm__ volatile("movl %%cr2, %0" : "=r"(address));
  begin(frame->vector < LENGTH(names) ? names[frame->vector] : "reserved exception");
  format_to(line, sizeof line, "vector %u  error %08x  cr2 %08x  eip %08x  eflags %08x\r\n", frame->vector, frame->error,
            address, frame->eip, frame->eflags);
  say(line);
  format_to(line, sizeof line, "eax %08x  ebx %08x  ecx %08x  edx %08x\r\n", frame->eax, frame->ebx, frame->ecx, frame->edx);
  say(line);
  format_to(line, sizeof line, "esi %08x  edi %08x  ebp %08x  esp %08x\r\n", frame->esi, frame->edi, frame->ebp, frame->esp);
  say(line);
  say("The system has stopped.\x1b[0m\r\n");
  stop();
}
