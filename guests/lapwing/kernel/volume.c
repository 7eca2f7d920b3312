/* Which letter is which disk or partition, and paths. */
#include "fat.h"

enum { PARTITION_TABLE = 446, SIGNATURE = 510 };

struct volume volumes[VOLUMES];
u32 volume_count;

static void add(char letter, struct disk *disk, u32 start, u32 sectors) {
  if (volume_count < VOLUMES) volumes[volume_count++] = (struct volume){letter, disk, start, sectors};
}

static u32 dword(const u8 *at) { return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24; }

/* A boot sector of a FAT volume begins with a jump and tells 512 bytes a sector; else it may be a partition table. */
static bool is_volume(const u8 *sector) {
  return (sector[0] == 0xeb || sector[0] == 0xe9) && sector[11] == 0 && sector[12] == 2;
}

static bool holds_fat(u8 type) { return type == 0x01 || type == 0x04 || type == 0x06 || type == 0x0e; }

void volumes_init(void) {
  u8 sector[SECTOR];
  char letter = 'C';
  for (u32 n = 0; n < disk_count; n++) {
    struct disk *disk = &disks[n];
    if (disk->floppy) {
      add((char)('A' + disk->unit), disk, 0, disk->sectors);
      continue;
    }
    if (!disk->read(disk, 0, sector) || sector[SIGNATURE] != 0x55 || sector[SIGNATURE + 1] != 0xaa) continue;
    if (is_volume(sector)) {
      add(letter++, disk, 0, disk->sectors);
      continue;
    }
    for (const u8 *entry = sector + PARTITION_TABLE; entry < sector + SIGNATURE; entry += 16) {
      if (holds_fat(entry[4])) add(letter++, disk, dword(entry + 8), dword(entry + 12));
    }
  }
}

/* Adds one name to a canonical path, or takes one away. */
static bool add_name(char *to, const char *name, u32 length) {
  u32 end = strlen(to);
  if (length == 0 || (length == 1 && name[0] == '.')) return true;
  if (length == 2 && name[0] == '.' && name[1] == '.') {
    while (to[end] != '/') end--;
    to[end < 3 ? 3 : end] = 0;
    return true;
  }
  if (end + length + 2 > PATH) return false;
  if (to[end - 1] != '/') to[end++] = '/';
  for (u32 n = 0; n < length; n++) to[end++] = upper(name[n]);
  to[end] = 0;
  return true;
}

static bool separates(char c) { return c == '/' || c == '\\'; }

bool path_join(char to[PATH], const char *directory, const char *path) {
  copy_text(to, directory, PATH);
  if (path[0] && path[1] == ':') {
    to[0] = upper(path[0]);
    copy_text(to + 1, ":/", 3);
    path += 2;
  } else if (separates(path[0])) {
    to[3] = 0;
  }
  while (*path) {
    u32 length = 0;
    while (path[length] && !separates(path[length])) length++;
    if (!add_name(to, path, length)) return false;
    path += length;
    if (*path) path++;
  }
  return true;
}
