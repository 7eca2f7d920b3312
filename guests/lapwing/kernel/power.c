/* ACPI 6.5: RSDP §5.2.5.3, FADT §5.2.9, PM1 control §4.8.3.2, \_S5 §7.4.2.5, AML's names and packages §20.2. */
#include "power.h"
#include "keyboard.h"
#include "memory.h"
#include "panic.h"
#include "thread.h"
#include "traps.h"

enum { NAME_OP = 0x08, PACKAGE_OP = 0x12, BYTE_PREFIX = 0x0a, ZERO_OP = 0, ONE_OP = 1 };
enum { SCI_ENABLED = 1, SLEEP_ENABLE = 1 << 13, BIOS_VECTORS_1 = 0x08, BIOS_VECTORS_2 = 0x70, HEADER = 36, LARGEST = 1 << 20 };
/* Offsets in the FADT. */
enum { FADT_DSDT = 40, FADT_SMI_COMMAND = 48, FADT_ACPI_ENABLE = 52, FADT_PM1A_CONTROL = 64, FADT_END = 116 };

struct sleep {
  u16 pm1a_control, smi_command;
  u8 acpi_enable, type;
};

void apm_off(void) __attribute__((noreturn));
extern u32 ebda_segment;

static u32 long_at(const u8 *table, u32 offset) {
  u32 value;
  memcpy(&value, table + offset, sizeof value);
  return value;
}

static const u8 *find_rsdp(u32 start, u32 length) {
  for (u32 at = start; at < start + length; at += 16) {
    const u8 *candidate = (const u8 *)at;
    u8 sum = 0;
    if (memcmp(candidate, "RSD PTR ", 8)) continue;
    for (u32 n = 0; n < 20; n++) sum += candidate[n];
    if (!sum) return candidate;
  }
  return 0;
}

/* A table that lies whole in mapped memory, or 0. */
static const u8 *table_at(u32 address, const char *signature) {
  if (!memory_mapped(address, HEADER)) return 0;
  const u8 *table = (const u8 *)address;
  u32 length = long_at(table, 4);
  bool good = !memcmp(table, signature, 4) && length >= HEADER && length < LARGEST && memory_mapped(address, length);
  return good ? table : 0;
}

/* Finds NameOp "_S5_" PackageOp length count first-element. */
static bool find_s5(const u8 *dsdt, u8 *type) {
  u32 length = long_at(dsdt, 4);
  for (u32 at = HEADER; at + 12 < length; at++) {
    if (dsdt[at] != NAME_OP) continue;
    u32 name = at + 1 + (dsdt[at + 1] == '\\');
    if (memcmp(dsdt + name, "_S5_", 4) || dsdt[name + 4] != PACKAGE_OP) continue;
    /* The package's length takes up to 4 bytes; the top bits of the first say how many follow. Then comes the count. */
    u32 element = name + 5 + 1 + (dsdt[name + 5] >> 6) + 1;
    if (element + 1 >= length) return false;
    if (dsdt[element] == BYTE_PREFIX) *type = dsdt[element + 1] & 7;
    else if (dsdt[element] == ZERO_OP || dsdt[element] == ONE_OP) *type = dsdt[element];
    else return false;
    return true;
  }
  return false;
}

static bool find_sleep(struct sleep *sleep) {
  const u8 *rsdp = ebda_segment >= 0x8000 ? find_rsdp(ebda_segment << 4, 1024) : 0;
  if (!rsdp) rsdp = find_rsdp(0xe0000, 0x20000);
  const u8 *rsdt = rsdp ? table_at(long_at(rsdp, 16), "RSDT") : 0;
  if (!rsdt) return false;
  for (u32 at = HEADER; at + 4 <= long_at(rsdt, 4); at += 4) {
    const u8 *fadt = table_at(long_at(rsdt, at), "FACP");
    if (!fadt || long_at(fadt, 4) < FADT_END) continue;
    const u8 *dsdt = table_at(long_at(fadt, FADT_DSDT), "DSDT");
    if (!dsdt || !find_s5(dsdt, &sleep->type)) return false;
    sleep->pm1a_control = (u16)long_at(fadt, FADT_PM1A_CONTROL);
    sleep->smi_command = (u16)long_at(fadt, FADT_SMI_COMMAND);
    sleep->acpi_enable = fadt[FADT_ACPI_ENABLE];
    return sleep->pm1a_control != 0;
  }
  return false;
}

const char *power_method(void) {
  struct sleep sleep;
  return find_sleep(&sleep) ? "ACPI" : "APM";
}

void halt(void) {
  for (;;) __asm__ volatile("cli; hlt");
}

void power_off(void) {
  struct sleep sleep;
  bool acpi = find_sleep(&sleep);
  if (acpi) {
    if (!(inw(sleep.pm1a_control) & SCI_ENABLED) && sleep.smi_command && sleep.acpi_enable) {
      outb(sleep.smi_command, sleep.acpi_enable);
      for (u32 n = 0; n < HZ && !(inw(sleep.pm1a_control) & SCI_ENABLED); n++) thread_sleep(1);
    }
    outw(sleep.pm1a_control, (u16)(sleep.type << 10 | SLEEP_ENABLE));
    thread_sleep(HZ);
  }
  interrupts_off();
  pic_init(BIOS_VECTORS_1, BIOS_VECTORS_2);
  apm_off();
}

void reboot(void) {
  interrupts_off();
  keyboard_reset_machine();
  for (volatile u32 n = 0; n < 10000000; n++) {
  }
  /* No answer: an exception without a table to look it up is a shutdown, which resets (SDM vol. 3 §6.15, double fault). */
  const struct __attribute__((packed)) {
    u16 limit;
    u32 base;
  } nothing = {0, 0};
  __asm__ volatile("lidt %0; int3" : : "m"(nothing));
  halt();
}
