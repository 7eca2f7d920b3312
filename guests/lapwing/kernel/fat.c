/* Microsoft's FAT file system specification 1.03: BPB §3.1, type by count of clusters §3.5, FAT12's entries §4.1,
 * directories §6. */
#include "fat.h"

enum { FAT12_CLUSTERS = 4085, FAT16_CLUSTERS = 65525, ENTRY = 32, ENTRIES_A_SECTOR = SECTOR / ENTRY, DELETED = 0xe5 };
enum { FIRST_CLUSTER = 2, NOTHING_KEPT = 0xffffffff, LARGEST_DIRECTORY = 65536 * ENTRY };

static u16 word(const u8 *at) { return (u16)(at[0] | at[1] << 8); }
static u32 dword(const u8 *at) { return word(at) | (u32)word(at + 2) << 16; }

static bool read_sector(const struct fat *fat, u32 sector, void *to) {
  return sector < fat->volume->sectors && fat->volume->disk->read(fat->volume->disk, fat->volume->start + sector, to);
}

static const char *mount(struct volume *volume, struct fat *fat) {
  u8 boot[SECTOR];
  *fat = (struct fat){.volume = volume, .kept = NOTHING_KEPT};
  if (!read_sector(fat, 0, boot)) return "the disk cannot be read";
  u32 reserved = word(boot + 14), fats = boot[16], roots = word(boot + 17), per_fat = word(boot + 22);
  u32 total = word(boot + 19) ? word(boot + 19) : dword(boot + 32);
  fat->cluster_sectors = boot[13];
  bool power_of_two = boot[13] && !(boot[13] & (boot[13] - 1));
  if (word(boot + 11) != SECTOR || !power_of_two || !reserved || !fats || !roots || !per_fat) return "no FAT12 or FAT16";
  fat->table = reserved;
  fat->root = reserved + fats * per_fat;
  fat->root_sectors = (roots + ENTRIES_A_SECTOR - 1) / ENTRIES_A_SECTOR;
  fat->data = fat->root + fat->root_sectors;
  if (total <= fat->data) return "no FAT12 or FAT16";
  fat->clusters = (total - fat->data) / fat->cluster_sectors;
  fat->sixteen = fat->clusters >= FAT12_CLUSTERS;
  return fat->clusters < FAT16_CLUSTERS ? 0 : "no FAT12 or FAT16";
}

/* What the FAT says after `cluster`; 0, which no chain has, when it cannot be read. */
static u32 next_cluster(struct fat *fat, u32 cluster) {
  u32 offset = fat->sixteen ? cluster * 2 : cluster * 3 / 2, sector = offset / SECTOR;
  if (fat->kept != sector) {
    fat->kept = NOTHING_KEPT;
    if (!read_sector(fat, fat->table + sector, fat->part)) return 0;
    /* An entry of 12 bits may lie across two sectors. */
    if (!fat->sixteen && !read_sector(fat, fat->table + sector + 1, fat->part + SECTOR)) return 0;
    fat->kept = sector;
  }
  u32 value = word(fat->part + offset % SECTOR);
  if (fat->sixteen) return value;
  return cluster & 1 ? value >> 4 : value & 0xfff;
}

void file_open(struct file *file, struct fat *fat, const struct entry *entry) {
  bool directory = entry->attributes & ATTRIBUTE_DIRECTORY;
  file->fat = fat;
  file->cluster = entry->cluster;
  file->sector = 0;
  file->left = !directory ? entry->size : entry->cluster ? LARGEST_DIRECTORY : fat->root_sectors * SECTOR;
}

static bool in_volume(const struct fat *fat, u32 cluster) {
  return cluster >= FIRST_CLUSTER && cluster < fat->clusters + FIRST_CLUSTER;
}

const char *file_next(struct file *file, u32 *bytes) {
  struct fat *fat = file->fat;
  u32 sector;
  *bytes = 0;
  if (!file->left) return 0;
  if (file->cluster == 0 && file->left % SECTOR == 0) {
    sector = fat->root + file->sector++;
  } else {
    if (file->sector == fat->cluster_sectors) {
      file->sector = 0;
      file->cluster = next_cluster(fat, file->cluster);
      /* A directory ends with its chain. */
      if (file->left > fat->clusters * fat->cluster_sectors * SECTOR && !in_volume(fat, file->cluster)) file->left = 0;
      if (!file->left) return 0;
    }
    if (!in_volume(fat, file->cluster)) return "the chain of clusters is broken";
    sector = fat->data + (file->cluster - FIRST_CLUSTER) * fat->cluster_sectors + file->sector++;
  }
  if (!read_sector(fat, sector, file->data)) return "the disk cannot be read";
  *bytes = file->left < SECTOR ? file->left : SECTOR;
  file->left -= *bytes;
  return 0;
}

/* "README  TXT" as "README.TXT". */
static void decode_name(char to[NAME], const u8 *from) {
  u32 length = 0;
  for (u32 n = 0; n < 11; n++) {
    if (n == 8 && from[8] != ' ') to[length++] = '.';
    if (from[n] != ' ') to[length++] = (char)from[n];
  }
  to[length] = 0;
}

const char *fat_list(struct fat *fat, const struct entry *directory, bool (*visit)(void *, const struct entry *),
                     void *context) {
  struct file file;
  file_open(&file, fat, directory);
  for (;;) {
    u32 bytes;
    const char *error = file_next(&file, &bytes);
    if (error || !bytes) return error;
    for (const u8 *raw = file.data; raw < file.data + SECTOR; raw += ENTRY) {
      struct entry entry = {.attributes = raw[11], .time = word(raw + 22), .date = word(raw + 24),
                            .cluster = word(raw + 26), .size = dword(raw + 28)};
      if (raw[0] == 0) return 0;
      if (raw[0] == DELETED || (entry.attributes & ATTRIBUTE_LONG_NAME) == ATTRIBUTE_LONG_NAME) continue;
      decode_name(entry.name, raw);
      if (!visit(context, &entry)) return 0;
    }
  }
}

struct search {
  const char *name;
  u32 length;
  struct entry *entry;
  bool found;
};

static bool match(void *context, const struct entry *entry) {
  struct search *search = context;
  if (entry->attributes & ATTRIBUTE_VOLUME) return true;
  if (strlen(entry->name) != search->length || memcmp(entry->name, search->name, search->length)) return true;
  *search->entry = *entry;
  search->found = true;
  return false;
}

const char *fat_open(const char *path, struct fat *fat, struct entry *entry) {
  struct volume *volume = 0;
  for (u32 n = 0; n < volume_count; n++) {
    if (volumes[n].letter == path[0]) volume = &volumes[n];
  }
  if (!volume) return "no such drive";
  const char *error = mount(volume, fat);
  if (error) return error;
  *entry = (struct entry){.attributes = ATTRIBUTE_DIRECTORY};
  for (const char *at = path + 2; *at == '/' && at[1];) {
    u32 length = 0;
    for (at++; at[length] && at[length] != '/'; length++) {
    }
    struct entry found;
    struct search search = {at, length, &found, false};
    if (!(entry->attributes & ATTRIBUTE_DIRECTORY)) return "not a directory";
    error = fat_list(fat, entry, match, &search);
    if (error) return error;
    if (!search.found) return "not found";
    *entry = found;
    at += length;
  }
  return 0;
}
