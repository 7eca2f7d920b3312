/* Commands about disks and files. */
#include "fat.h"
#include "shell.h"

/* A directory entry's date starts in 1980; bits 15-9 year, 8-5 month, 4-0 day. */
static bool print_entry(void *context, const struct entry *entry) {
  struct console *console = context;
  if (entry->attributes & ATTRIBUTE_VOLUME) {
    print(console, "Volume %s\n", entry->name);
    return true;
  }
  char size[12] = "<DIR>";
  if (!(entry->attributes & ATTRIBUTE_DIRECTORY)) format_to(size, sizeof size, "%u", entry->size);
  print(console, "  %-12s %10s  %04u-%02u-%02u %02u:%02u\n", entry->name, size, 1980u + (entry->date >> 9),
        entry->date >> 5 & 15u, entry->date & 31u, entry->time >> 11, entry->time >> 5 & 63u);
  return !console_interrupted(console);
}

/* Opens the path in the arguments, or the present directory; says what is wrong. */
static bool open(struct console *console, const char *path, char full[PATH], struct fat *fat, struct entry *entry) {
  const char *error = path_join(full, console->directory, path) ? fat_open(full, fat, entry) : "the path is too long";
  if (error) print(console, "%s: %s\n", path, error);
  return !error;
}

static void dir(struct console *console, u32 count, const char **arguments) {
  struct fat fat;
  struct entry entry;
  char path[PATH];
  if (!open(console, count > 1 ? arguments[1] : ".", path, &fat, &entry)) return;
  print(console, "%s\n", path);
  const char *error = 0;
  if (entry.attributes & ATTRIBUTE_DIRECTORY) error = fat_list(&fat, &entry, print_entry, console);
  else print_entry(console, &entry);
  if (error) print(console, "%s: %s\n", path, error);
}

static void cd(struct console *console, u32 count, const char **arguments) {
  struct fat fat;
  struct entry entry;
  char path[PATH];
  if (count > 1) {
    if (!open(console, arguments[1], path, &fat, &entry)) return;
    if (!(entry.attributes & ATTRIBUTE_DIRECTORY)) {
      print(console, "%s: not a directory\n", arguments[1]);
      return;
    }
    copy_text(console->directory, path, CONSOLE_PATH);
  }
  print(console, "%s\n", console->directory);
}

/* Calls `take` for each piece of a file. */
static bool read_file(struct console *console, const char *name, struct entry *entry,
                      void (*take)(void *, const u8 *, u32), void *context) {
  struct fat fat;
  struct file file;
  char path[PATH];
  if (!open(console, name, path, &fat, entry)) return false;
  if (entry->attributes & ATTRIBUTE_DIRECTORY) {
    print(console, "%s: is a directory\n", name);
    return false;
  }
  file_open(&file, &fat, entry);
  for (;;) {
    u32 bytes;
    const char *error = file_next(&file, &bytes);
    if (error) print(console, "%s: %s\n", name, error);
    if (error || console_interrupted(console)) return false;
    if (!bytes) return true;
    take(context, file.data, bytes);
  }
}

/* Text of any origin: what is no character is shown as a dot. */
static void show_text(void *context, const u8 *bytes, u32 count) {
  struct console *console = context;
  char text[128];
  u32 length = 0;
  for (u32 n = 0; n < count; n++) {
    u8 c = bytes[n];
    if (c == '\r') continue;
    text[length++] = c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f) ? (char)c : '.';
    if (length + 1 < sizeof text && n + 1 < count) continue;
    text[length] = 0;
    print(console, "%s", text);
    length = 0;
  }
}

static void type(struct console *console, u32 count, const char **arguments) {
  struct entry entry;
  if (count < 2) print(console, "type FILE\n");
  else if (read_file(console, arguments[1], &entry, show_text, console)) print(console, "\n");
}

/* CRC-32 of ISO 3309, as zip and gzip have it. */
static void add_crc(void *context, const u8 *bytes, u32 count) {
  u32 crc = *(u32 *)context;
  for (u32 n = 0; n < count; n++) {
    crc ^= bytes[n];
    for (u32 bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  *(u32 *)context = crc;
}

static void sum(struct console *console, u32 count, const char **arguments) {
  struct entry entry;
  u32 crc = 0xffffffff;
  if (count < 2) print(console, "sum FILE\n");
  else if (read_file(console, arguments[1], &entry, add_crc, &crc)) print(console, "%08x %u bytes\n", ~crc, entry.size);
}

static void list_disks(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  for (u32 n = 0; n < disk_count; n++) print(console, "%s: %u KiB\n", disks[n].name, disks[n].sectors / 2);
  for (u32 n = 0; n < volume_count; n++) {
    print(console, "%c: on %s from sector %u, %u KiB\n", volumes[n].letter, volumes[n].disk->name, volumes[n].start,
          volumes[n].sectors / 2);
  }
  if (!disk_count) print(console, "none\n");
}

const struct command file_commands[] = {
    {"disks", "", "drives and volumes", list_disks},
    {"dir", "[PATH]", "files; a path is like C:/DIR/FILE.TXT", dir},
    {"cd", "[PATH]", "changes or shows the directory", cd},
    {"type", "FILE", "shows a text", type},
    {"sum", "FILE", "CRC-32 of a file", sum},
};
const u32 file_command_count = LENGTH(file_commands);
