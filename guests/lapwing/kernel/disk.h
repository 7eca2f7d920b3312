/* Disks of 512-byte sectors: two floppy drives, four IDE disks. */
#pragma once
#include "base.h"

enum { SECTOR = 512, DISKS = 6 };

struct disk {
  const char *name;
  u32 unit, sectors;
  bool floppy;
  /* False when the sector could not be read. */
  bool (*read)(struct disk *disk, u32 sector, void *to);
};

/* Those that were found; one too many is left out. */
extern struct disk disks[DISKS];
extern u32 disk_count;
void disks_init(void);
void disk_add(struct disk disk);
