/*
 * eject: opens the tray of a CD drive, as the command of util-linux does, which busybox leaves out here (eject(1)).
 *
 *   eject [DEVICE]
 *       unmounts the disc in DEVICE, /dev/sr0 if it is left out, wherever it is mounted, and ejects it. Without effect, with a
 *       message and status 1, while the disc is in use.
 *
 * A program without a C library: i386 Linux system calls only. build-programs.ts makes the binary.
 */

typedef unsigned int u32;

enum { MOUNTS_BYTES = 65536 };

__attribute__((used)) static const char source[] = "source-sha256:" SOURCE_SHA256;

/* ---- System calls (arch/x86/entry/syscalls/syscall_32.tbl) */

enum { SYS_EXIT = 1, SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_UMOUNT2 = 52, SYS_IOCTL = 54 };
enum { O_RDONLY = 0, O_NONBLOCK = 04000, STDERR = 2 };
/* include/uapi/linux/cdrom.h */
enum { CDROMEJECT = 0x5309 };

static int call(int number, u32 a, u32 b, u32 c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static u32 length(const char *text) {
  u32 n = 0;
  while (text[n]) n++;
  return n;
}

static void say(const char *text) { call(SYS_WRITE, STDERR, (u32)text, length(text)); }

static int failed(const char *device, const char *why) {
  say("eject: "), say(device), say(": "), say(why), say("\n");
  return 1;
}

/* ---- Where the disc is mounted */

/* Ends the field at a blank and returns what follows it. */
static char *next_field(char *at) {
  while (*at && *at != ' ' && *at != '\n') at++;
  if (*at) *at++ = 0;
  return at;
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/* Blanks and backslashes in a path are octal there: \040 (proc(5)). */
static void unescape(char *path) {
  char *to = path;
  for (; *path; to++) {
    if (path[0] == '\\' && path[1] && path[2] && path[3]) {
      *to = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 | (path[3] - '0'));
      path += 4;
    } else *to = *path++;
  }
  *to = 0;
}

/* False if a file system stays, because it is in use. */
static int unmount(const char *device) {
  static char mounts[MOUNTS_BYTES + 1];
  int file = call(SYS_OPEN, (u32) "/proc/mounts", O_RDONLY, 0), size = 0, n;
  if (file < 0) return 1;
  while (size < MOUNTS_BYTES && (n = call(SYS_READ, file, (u32)(mounts + size), MOUNTS_BYTES - size)) > 0) size += n;
  mounts[size] = 0;
  int all = 1;
  for (char *line = mounts; *line;) {
    char *end = line;
    while (*end && *end != '\n') end++;
    char *after = *end ? end + 1 : end;
    *end = 0;
    char *path = next_field(line);
    next_field(path);
    if (same(line, device)) {
      unescape(path);
      all &= call(SYS_UMOUNT2, (u32)path, 0, 0) == 0;
    }
    line = after;
  }
  return all;
}

static int eject(const char *device) {
  if (!unmount(device)) return failed(device, "the disc is in use");
  int drive = call(SYS_OPEN, (u32)device, O_RDONLY | O_NONBLOCK, 0);
  if (drive < 0) return failed(device, "there is no such drive");
  return call(SYS_IOCTL, drive, CDROMEJECT, 0) < 0 ? failed(device, "the disc cannot be ejected") : 0;
}

/* `stack`: argc, then argv (System V ABI, i386). */
__attribute__((used)) void begin(u32 *stack) {
  char **argv = (char **)(stack + 1);
  if (stack[0] > 2) say("usage: eject [DEVICE]\n");
  call(SYS_EXIT, stack[0] > 2 ? 2 : eject(stack[0] == 2 ? argv[1] : "/dev/sr0"), 0, 0);
}

__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call begin\n hlt\n");

/* What the compiler may call. */
void *memset(void *to, int value, u32 count) {
  for (char *at = to; count--;) *at++ = (char)value;
  return to;
}
