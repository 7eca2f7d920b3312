/* Intel 82077AA data sheet: registers §2, commands §5; the 8237's in IBM's AT technical reference. A track is read at
 * once and kept. */
#include "floppy.h"
#include "disk.h"
#include "thread.h"
#include "timer.h"
#include "traps.h"

enum { DOR = 0x3f2, MSR = 0x3f4, FIFO = 0x3f5, DIR = 0x3f7, CCR = 0x3f7 };
enum { DOR_RUN = 0x0c, DOR_MOTOR = 0x10, MSR_READY = 0x80, MSR_TO_CPU = 0x40, MSR_BUSY = 0x10, DISK_CHANGED = 0x80 };
enum { SPECIFY = 0x03, RECALIBRATE = 0x07, SENSE_INTERRUPT = 0x08, SEEK = 0x0f, READ_MFM = 0x46, GAP = 0x1b };
enum { ST0_FAILED = 0xc0, ST0_SEEK_END = 0x20, DRIVES = 2, SIZE_512 = 2, TRIES = 3, PATIENCE = 100000 };
enum { SPIN_UP = HZ / 3, MOTOR_OFF = 2 * HZ, COMMAND_TIME = 2 * HZ, CMOS_DRIVES = 0x10, LARGEST_TRACK = 36 * SECTOR };
enum { DMA_ADDRESS = 0x04, DMA_COUNT = 0x05, DMA_MASK = 0x0a, DMA_MODE = 0x0b, DMA_FLIP_FLOP = 0x0c, DMA_PAGE = 0x81 };
enum { DMA_CHANNEL = 2, DMA_MASKED = 4, DMA_TO_MEMORY = 0x44 };

/* By the type in CMOS byte 10h. The rate is as the CCR takes it: 0 is 500 kbit/s, 2 is 250, 3 is 1000. */
static const struct geometry {
  u8 cylinders, sectors, rate;
} geometries[] = {{0}, {40, 9, 2}, {80, 15, 0}, {80, 9, 2}, {80, 18, 0}, {80, 36, 3}, {80, 36, 3}};

static const struct geometry *drives[DRIVES];

/* A DMA buffer must not cross 64 KiB. */
static u8 track[LARGEST_TRACK] __attribute__((aligned(32768)));
static u32 cached_track, cached_drive;
static bool cached;

static struct mutex busy;
static volatile bool interrupted;
static volatile u32 motors, motor_off_at;

static void interrupt(void) {
  interrupted = true;
  wake((const void *)&interrupted);
}

void floppy_tick(u32 now) {
  if (!motors || !motor_off_at || (i32)(now - motor_off_at) < 0) return;
  motors = 0;
  outb(DOR, DOR_RUN);
}

/* Waits for the interrupt of the command that has been given. */
static bool wait_interrupt(void) {
  u32 flags = interrupts_off();
  bool in_time = true;
  while (!interrupted && in_time) in_time = wait((const void *)&interrupted, COMMAND_TIME);
  bool came = interrupted;
  interrupted = false;
  interrupts_restore(flags);
  return came;
}

static bool wait_ready(u8 direction) {
  for (u32 n = 0; n < PATIENCE; n++) {
    if ((inb(MSR) & (MSR_READY | MSR_TO_CPU)) == (MSR_READY | direction)) return true;
  }
  return false;
}

static bool give(const u8 *bytes, u32 count) {
  for (u32 n = 0; n < count; n++) {
    if (!wait_ready(0)) return false;
    outb(FIFO, bytes[n]);
  }
  return true;
}

static bool take(u8 *bytes, u32 count) {
  for (u32 n = 0; n < count; n++) {
    if (!wait_ready(MSR_TO_CPU)) return false;
    bytes[n] = inb(FIFO);
  }
  return true;
}

static bool sense(u8 result[2]) {
  const u8 command = SENSE_INTERRUPT;
  return give(&command, 1) && take(result, 2);
}

static void reset(u32 drive) {
  cached = false;
  interrupted = false;
  outb(DOR, (u8)(drive & ~DOR_RUN));
  outb(DOR, (u8)(DOR_RUN | motors | drive));
  wait_interrupt();
  /* After a reset each of the four drives has a status to fetch. */
  u8 result[2];
  for (u32 n = 0; n < 4; n++) sense(result);
  const u8 specify[] = {SPECIFY, 0xdf, 0x02};
  give(specify, sizeof specify);
}

/* Moves the head; with SEEK or RECALIBRATE. */
static bool move(u32 drive, const u8 *command, u32 length, u8 cylinder) {
  u8 result[2];
  interrupted = false;
  if (!give(command, length) || !wait_interrupt() || !sense(result)) return false;
  return (result[0] & ST0_FAILED) == 0 && (result[0] & ST0_SEEK_END) && (result[0] & 3) == drive && result[1] == cylinder;
}

static void start_motor(u32 drive) {
  u32 flags = interrupts_off();
  bool spins = motors & (DOR_MOTOR << drive);
  motor_off_at = 0;
  motors |= DOR_MOTOR << drive;
  outb(DOR, (u8)(DOR_RUN | motors | drive));
  interrupts_restore(flags);
  if (!spins) thread_sleep(SPIN_UP);
}

static void start_dma(u32 bytes) {
  u32 address = (u32)track, count = bytes - 1;
  outb(DMA_MASK, DMA_MASKED | DMA_CHANNEL);
  outb(DMA_FLIP_FLOP, 0);
  outb(DMA_MODE, DMA_TO_MEMORY | DMA_CHANNEL);
  outb(DMA_ADDRESS, (u8)address);
  outb(DMA_ADDRESS, (u8)(address >> 8));
  outb(DMA_PAGE, (u8)(address >> 16));
  outb(DMA_COUNT, (u8)count);
  outb(DMA_COUNT, (u8)(count >> 8));
  outb(DMA_MASK, DMA_CHANNEL);
}

static bool read_track(u32 drive, u32 number) {
  const struct geometry *geometry = drives[drive];
  u8 cylinder = (u8)(number / 2), head = (u8)(number % 2), result[7];
  const u8 seek[] = {SEEK, (u8)(head << 2 | drive), cylinder};
  const u8 read[] = {READ_MFM, (u8)(head << 2 | drive), cylinder, head, 1, SIZE_512, geometry->sectors, GAP, 0xff};
  outb(CCR, geometry->rate);
  if (!move(drive, seek, sizeof seek, cylinder)) return false;
  start_dma(geometry->sectors * SECTOR);
  interrupted = false;
  if (!give(read, sizeof read) || !wait_interrupt() || !take(result, sizeof result)) return false;
  return (result[0] & ST0_FAILED) == 0;
}

/* To track 0. From beyond cylinder 79 once is not enough (§5.2.3). */
static bool recalibrate(u32 drive) {
  const u8 command[] = {RECALIBRATE, (u8)drive};
  return move(drive, command, sizeof command, 0) || move(drive, command, sizeof command, 0);
}

static bool load_track(u32 drive, u32 number) {
  for (u32 tries = 0; tries < TRIES; tries++) {
    if (tries) {
      reset(drive);
      if (!recalibrate(drive)) continue;
    }
    if (!read_track(drive, number)) continue;
    cached = true;
    cached_drive = drive;
    cached_track = number;
    return true;
  }
  cached = false;
  return false;
}

/* The signal stays until the head has moved to another cylinder. */
static void notice_change(u32 drive) {
  const u8 seek[] = {SEEK, (u8)drive, 1};
  reset(drive);
  move(drive, seek, sizeof seek, 1);
  recalibrate(drive);
}

static bool read(struct disk *disk, u32 sector, void *to) {
  u32 drive = disk->unit, sectors = drives[drive]->sectors;
  if (sector >= disk->sectors) return false;
  lock(&busy);
  start_motor(drive);
  if (inb(DIR) & DISK_CHANGED) notice_change(drive);
  bool done = (cached && cached_drive == drive && cached_track == sector / sectors) || load_track(drive, sector / sectors);
  if (done) memcpy(to, track + sector % sectors * SECTOR, SECTOR);
  motor_off_at = timer_ticks() + MOTOR_OFF;
  unlock(&busy);
  return done;
}

void floppy_init(void) {
  u8 types = cmos_read(CMOS_DRIVES);
  irq_connect(IRQ_FLOPPY, interrupt);
  for (u32 drive = 0; drive < DRIVES; drive++) {
    u32 type = drive ? types & 15 : types >> 4;
    if (!type || type >= LENGTH(geometries)) continue;
    const struct geometry *geometry = &geometries[type];
    drives[drive] = geometry;
    disk_add((struct disk){.name = drive ? "fd1" : "fd0", .unit = drive, .floppy = true, .read = read,
                           .sectors = geometry->cylinders * geometry->sectors * 2u});
  }
  if (types) reset(0);
}
