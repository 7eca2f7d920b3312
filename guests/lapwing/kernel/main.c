/* Starts everything, in an order: what waits needs the timer, disks need threads. */
#include "console.h"
#include "disk.h"
#include "fat.h"
#include "keyboard.h"
#include "memory.h"
#include "power.h"
#include "screen.h"
#include "serial.h"
#include "shell.h"
#include "timer.h"
#include "traps.h"

#define VERSION "1.0"

extern u32 boot_drive;

/* The time in the corner, and what runs in the background. */
static void status_bar(void *unused) {
  (void)unused;
  for (;;) {
    char state[40], line[SCREEN_COLUMNS + 1];
    struct date date = clock_read();
    u32 seconds = timer_ticks() / HZ;
    shell_status(state, sizeof state);
    format_to(line, sizeof line, " Lapwing %s  up %u:%02u:%02u  %-32s%04u-%02u-%02u %02u:%02u:%02u", VERSION, seconds / 3600,
              seconds / 60 % 60, seconds % 60, state, date.year, date.month, date.day, date.hour, date.minute, date.second);
    screen_status(line);
    thread_sleep(HZ / 5);
  }
}

/* The boot goes on in a thread, because drivers wait; thread 0 must always be ready. */
static void start(void *unused) {
  (void)unused;
  announce("Lapwing %s, booted from drive %02x; %u KiB of RAM; off by %s", VERSION, boot_drive, memory_size() >> 10,
           power_method());
  disks_init();
  volumes_init();
  for (u32 n = 0; n < disk_count; n++) announce("%s: %u KiB", disks[n].name, disks[n].sectors / 2);
  announce("Type help for the commands.");
  thread_start("status", status_bar, 0);
  if (screen_present()) thread_start("screen", shell, &screen_console);
  if (serial_present()) thread_start("serial", shell, &serial_console);
}

int main(void) {
  memory_init();
  threads_init();
  traps_init();
  screen_init();
  serial_init();
  keyboard_init();
  timer_init();
  thread_start("start", start, 0);
  for (;;) __asm__ volatile("sti; hlt");
}
