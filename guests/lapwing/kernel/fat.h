/* FAT12 and FAT16 volumes, read only: floppies whole, hard disks by partition or whole. Names are 8.3. */
#pragma once
#include "disk.h"

enum { VOLUMES = 10, PATH = 80, NAME = 13 };
enum { ATTRIBUTE_VOLUME = 0x08, ATTRIBUTE_DIRECTORY = 0x10, ATTRIBUTE_LONG_NAME = 0x0f };

/* A: and B: are floppies, C: and on are what hard disks have. */
struct volume {
  char letter;
  struct disk *disk;
  u32 start, sectors;
};

extern struct volume volumes[VOLUMES];
extern u32 volume_count;
void volumes_init(void);

struct entry {
  char name[NAME];
  u8 attributes;
  u32 cluster, size; /* of the root directory the cluster is 0; directories have no size */
  u16 date, time;
};

/* A mounted volume with the part of its FAT that was used last. */
struct fat {
  struct volume *volume;
  u32 cluster_sectors, table, root, root_sectors, data, clusters, kept;
  bool sixteen;
  u8 part[2 * SECTOR];
};

struct file {
  struct fat *fat;
  u32 cluster, sector, left;
  u8 data[SECTOR];
};

/* All of these give 0 or an error to show. A path is "A:/DIR/FILE.TXT". */
const char *fat_open(const char *path, struct fat *fat, struct entry *entry);
void file_open(struct file *file, struct fat *fat, const struct entry *entry);
/* The next bytes into file->data: at most a sector; *bytes is 0 at the end. */
const char *file_next(struct file *file, u32 *bytes);

/* Calls `visit` for each entry of a directory until it answers false. */
const char *fat_list(struct fat *fat, const struct entry *directory, bool (*visit)(void *, const struct entry *), void *);

/* `directory` and a path relative to it, or an absolute one, made absolute and canonical; false when it is too long. */
bool path_join(char to[PATH], const char *directory, const char *path);
