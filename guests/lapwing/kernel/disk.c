#include "disk.h"
#include "floppy.h"
#include "ide.h"

struct disk disks[DISKS];
u32 disk_count;

void disk_add(struct disk disk) {
  if (disk_count < DISKS) disks[disk_count++] = disk;
}

void disks_init(void) {
  floppy_init();
  ide_init();
}
