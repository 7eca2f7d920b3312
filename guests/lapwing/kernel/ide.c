/* ATA/ATAPI-6: registers §7, IDENTIFY DEVICE §8.15, READ SECTORS §8.34, signature of packet devices §9.12. */
#include "ide.h"
#include "disk.h"
#include "thread.h"
#include "timer.h"

enum { DATA = 0, COUNT = 2, LBA_LOW = 3, LBA_MID = 4, LBA_HIGH = 5, DEVICE = 6, STATUS = 7, COMMAND = 7, CONTROL = 0x206 };
enum { BUSY = 0x80, DATA_REQUEST = 0x08, ERROR = 0x01, FAULT = 0x20, NO_INTERRUPT = 0x02, SLAVE = 0x10, USE_LBA = 0xe0 };
enum { IDENTIFY = 0xec, READ_SECTORS = 0x20, WORDS = SECTOR / 2, TIMEOUT = 5 * HZ, PROBE_TIMEOUT = HZ / 2, UNITS = 4 };

static const u16 ports[] = {0x1f0, 0x170};
static const char *const names[UNITS] = {"hd0", "hd1", "hd2", "hd3"};
static struct mutex busy;

/* Waits for the end of BUSY; the status, or -1. */
static int finish(u16 port, u32 ticks) {
  for (u32 start = timer_ticks(); timer_ticks() - start <= ticks; thread_yield()) {
    u8 status = inb(port + STATUS);
    if (!(status & BUSY)) return status;
  }
  return -1;
}

/* A device needs 400 ns before its status counts: four reads of the alternate status. */
static void settle(u16 port) {
  for (u32 n = 0; n < 4; n++) inb(port + CONTROL);
}

static bool take_data(u16 port, u32 ticks, u16 *to) {
  settle(port);
  int status = finish(port, ticks);
  if (status < 0 || (status & (ERROR | FAULT)) || !(status & DATA_REQUEST)) return false;
  for (u32 n = 0; n < WORDS; n++) to[n] = inw(port + DATA);
  return true;
}

static bool select(u16 port, u8 device, u32 ticks) {
  outb(port + DEVICE, device);
  settle(port);
  return finish(port, ticks) >= 0;
}

static bool read(struct disk *disk, u32 sector, void *to) {
  u16 port = ports[disk->unit / 2], words[WORDS];
  u8 device = (u8)(USE_LBA | (disk->unit & 1 ? SLAVE : 0) | (sector >> 24 & 15));
  if (sector >= disk->sectors) return false;
  lock(&busy);
  bool done = select(port, device, TIMEOUT);
  if (done) {
    outb(port + COUNT, 1);
    outb(port + LBA_LOW, (u8)sector);
    outb(port + LBA_MID, (u8)(sector >> 8));
    outb(port + LBA_HIGH, (u8)(sector >> 16));
    outb(port + COMMAND, READ_SECTORS);
    done = take_data(port, TIMEOUT, words);
  }
  unlock(&busy);
  if (done) memcpy(to, words, SECTOR);
  return done;
}

static void probe(u32 unit) {
  u16 port = ports[unit / 2], identity[WORDS];
  /* A channel without devices reads as what its pulled-up lines give. */
  if (inb(port + STATUS) == 0xff) return;
  if (!select(port, (u8)(USE_LBA | (unit & 1 ? SLAVE : 0)), PROBE_TIMEOUT)) return;
  outb(port + CONTROL, NO_INTERRUPT);
  outb(port + COMMAND, IDENTIFY);
  settle(port);
  /* Packet devices refuse this command; no device gives status 0. */
  if (inb(port + STATUS) == 0 || !take_data(port, PROBE_TIMEOUT, identity)) return;
  u32 sectors = identity[60] | (u32)identity[61] << 16;
  disk_add((struct disk){.name = names[unit], .unit = unit, .sectors = sectors, .read = read});
}

void ide_init(void) {
  for (u32 unit = 0; unit < UNITS; unit++) probe(unit);
}
