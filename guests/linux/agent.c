/*
 * agent: QEMU's guest agent protocol (docs/interop/qemu-ga-ref), as far as our host uses it (docs/guest-agent.md).
 *
 *   agent PORT
 *       reads commands from the character device PORT, a line of JSON each, and answers each with a line.
 *
 * Commands that take time do not hold up others: guest-exec starts a program, whose output is gathered until its status is asked
 * for after its end. A line that is too long, or no command, is answered with an error.
 *
 * A program without a C library: i386 Linux system calls only. build-programs.ts makes the binary.
 */

typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

enum { LINE = 16384, REPLY = 200000, CHILDREN = 8, OUTPUT = 65536, WORDS = 64, DEPTH = 32, FILE_BYTES = 8192 };

__attribute__((used)) static const char source[] = "source-sha256:" SOURCE_SHA256;

void *memset(void *to, int value, u32 count);

/* ---- System calls (arch/x86/entry/syscalls/syscall_32.tbl) */

enum {
  SYS_EXIT = 1,
  SYS_FORK = 2,
  SYS_READ = 3,
  SYS_WRITE = 4,
  SYS_OPEN = 5,
  SYS_CLOSE = 6,
  SYS_EXECVE = 11,
  SYS_KILL = 37,
  SYS_PIPE = 42,
  SYS_IOCTL = 54,
  SYS_DUP2 = 63,
  SYS_SOCKETCALL = 102,
  SYS_WAIT4 = 114,
  SYS_UNAME = 122,
  SYS_POLL = 168,
  SYS_CLOCK_SETTIME = 264,
  SYS_CLOCK_GETTIME = 265,
};
enum { O_RDONLY = 0, O_RDWR = 2, O_NOCTTY = 0400, O_NONBLOCK = 04000, O_CLOEXEC = 02000000 };
enum { POLLIN = 1, POLLHUP = 16, WNOHANG = 1, EAGAIN = 11, EINTR = 4, SIGTERM = 15, SIGUSR1 = 10, SIGUSR2 = 12 };
enum { FIFREEZE = (int)0xc0045877, FITHAW = (int)0xc0045878, TIOCSWINSZ = 0x5414 };
enum { SIOCGIFCONF = 0x8912, SIOCGIFNETMASK = 0x891b, SIOCGIFHWADDR = 0x8927, AF_INET = 2, SOCK_DGRAM = 2, SOCKET = 1, NAME = 16 };

struct pollfd {
  int fd;
  u16 events, revents;
};

static int call(int number, u32 a, u32 b, u32 c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static int call4(int number, u32 a, u32 b, u32 c, u32 d) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
  return result;
}

static int open_file(const char *path, int flags) { return call(SYS_OPEN, (u32)path, flags | O_CLOEXEC, 0); }
static int read_some(int fd, void *into, u32 size) { return call(SYS_READ, fd, (u32)into, size); }
static void close_file(int fd) { call(SYS_CLOSE, fd, 0, 0); }
static int wait_for(struct pollfd *fds, int count, int ms) { return call(SYS_POLL, (u32)fds, count, ms); }

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/* The beginning of a file, with a NUL behind it. Empty if it cannot be read. */
static char *file_text(const char *path) {
  static char text[FILE_BYTES + 1];
  int fd = open_file(path, O_RDONLY), size = 0, n;
  while (fd >= 0 && size < FILE_BYTES && (n = read_some(fd, text + size, FILE_BYTES - size)) > 0) size += n;
  if (fd >= 0) close_file(fd);
  text[size] = 0;
  return text;
}

/* ---- The answer */

static char reply[REPLY];
static u32 reply_size;

static void put_byte(char byte) {
  if (reply_size < REPLY) reply[reply_size++] = byte;
}

static void put(const char *text) {
  while (*text) put_byte(*text++);
}

static void put_number(u32 value) {
  char digits[10];
  int n = 0;
  do digits[n++] = '0' + value % 10;
  while (value /= 10);
  while (n) put_byte(digits[--n]);
}

/* With leading zeros. */
static void put_nine_digits(u32 value) {
  for (u32 unit = 100000000; unit; unit /= 10) put_byte('0' + value / unit % 10);
}

static void put_hex(u32 value, int digits) {
  while (digits--) put_byte("0123456789abcdef"[value >> 4 * digits & 15]);
}

/* A JSON string of at most `size` bytes up to a NUL. */
static void put_string(const char *text, u32 size) {
  put_byte('"');
  for (; size && *text; size--, text++) {
    if (*text == '"' || *text == '\\') put_byte('\\');
    if ((u8)*text < ' ') put("\\u00"), put_hex(*text, 2);
    else put_byte(*text);
  }
  put_byte('"');
}

static void put_base64(const u8 *bytes, u32 size) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  put_byte('"');
  for (u32 i = 0; i < size; i += 3) {
    u32 group = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) | (i + 2 < size ? bytes[i + 2] : 0);
    for (u32 n = 0; n < 4; n++) put_byte(i + n > size ? '=' : digits[group >> (18 - 6 * n) & 63]);
  }
  put_byte('"');
}

static void begin(void) { put("{\"return\": "); }

static void fail(const char *why) {
  reply_size = 0;
  put("{\"error\": {\"class\": \"GenericError\", \"desc\": ");
  put_string(why, LINE);
  put("}}\n");
}

/* ---- JSON, as it lies in the line. Values are pointers to where they begin; 0 is none. */

static char *skip_space(char *at) {
  while (*at == ' ' || *at == '\t' || *at == '\r') at++;
  return at;
}

/* Behind the string, or 0. */
static char *skip_string(char *at) {
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && !*++at) return 0;
  return *at ? at + 1 : 0;
}

/* Behind the value, or 0. */
static char *skip_value(char *at, int depth) {
  at = skip_space(at);
  if (*at == '"') return skip_string(at);
  if (*at != '{' && *at != '[') {
    char *start = at;
    while (*at && *at != ',' && *at != '}' && *at != ']' && *at != ' ') at++;
    return at == start ? 0 : at;
  }
  if (depth == DEPTH) return 0;
  char end = *at == '{' ? '}' : ']';
  at = skip_space(at + 1);
  while (*at != end) {
    if (end == '}') {
      if (*at != '"' || !(at = skip_string(at)) || *(at = skip_space(at)) != ':') return 0;
      at++;
    }
    if (!(at = skip_value(at, depth + 1))) return 0;
    at = skip_space(at);
    if (*at == ',') at = skip_space(at + 1);
    else if (*at != end) return 0;
  }
  return at + 1;
}

/* The value of a key of an object; keys with escapes are not found. */
static char *field(char *object, const char *key) {
  if (!object || *(object = skip_space(object)) != '{') return 0;
  for (char *at = skip_space(object + 1); *at == '"';) {
    char *name = at + 1, *end = skip_string(at);
    u32 n = 0;
    if (!end) return 0;
    while (key[n] && name[n] == key[n]) n++;
    char *value = skip_space(end);
    if (*value++ != ':') return 0;
    value = skip_space(value);
    if (!key[n] && name[n] == '"') return value;
    if (!(at = skip_value(value, 0))) return 0;
    at = skip_space(at);
    if (*at != ',') return 0;
    at = skip_space(at + 1);
  }
  return 0;
}

static u32 hex_digits(const char *at) {
  u32 value = 0;
  for (int i = 0; i < 4; i++) {
    char c = at[i] | 32;
    value = value << 4 | ((c >= '0' && c <= '9') ? c - '0' : (c >= 'a' && c <= 'f') ? c - 'a' + 10 : 0);
  }
  return value;
}

/* The text of a string, its escapes undone in place, a NUL behind it; `*behind`: what follows. 0 if it is none. */
static char *string_at(char *value, char **behind) {
  if (!value || *value != '"') return 0;
  char *end = skip_string(value), *text = value + 1, *to = text;
  if (!end) return 0;
  for (char *from = text; from < end - 1; from++) {
    if (*from != '\\') {
      *to++ = *from;
      continue;
    }
    from++;
    if (*from == 'u' && end - from > 5) {
      u32 code = hex_digits(from + 1);
      from += 4;
      if (code >= 0x800) *to++ = 0xe0 | code >> 12, *to++ = 0x80 | (code >> 6 & 63), *to++ = 0x80 | (code & 63);
      else if (code >= 0x80) *to++ = 0xc0 | code >> 6, *to++ = 0x80 | (code & 63);
      else *to++ = code;
    } else *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 'r' ? '\r' : *from;
  }
  *to = 0;
  if (behind) *behind = end;
  return text;
}

static u32 number_at(const char *value) {
  u32 number = 0;
  while (value && *value >= '0' && *value <= '9') number = number * 10 + *value++ - '0';
  return number;
}

/* ---- What it tells */

struct names {
  char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

static void tell_host_name(void) {
  struct names names;
  call(SYS_UNAME, (u32)&names, 0, 0);
  begin();
  put("{\"host-name\": ");
  put_string(names.node, 65);
  put("}}\n");
}

static void tell_system(void) {
  struct names names;
  call(SYS_UNAME, (u32)&names, 0, 0);
  char *release = file_text("/etc/debian_release");
  for (char *at = release; *at; at++)
    if (*at == '\n') *at = 0;
  begin();
  put("{\"name\": \"Debian\", \"pretty-name\": ");
  put_string(release, 200);
  put(", \"kernel-release\": ");
  put_string(names.release, 65);
  put(", \"kernel-version\": ");
  put_string(names.version, 65);
  put(", \"machine\": ");
  put_string(names.machine, 65);
  put("}}\n");
}

static void tell_time(void) {
  u32 time[2] = {0, 0};
  call(SYS_CLOCK_GETTIME, 0, (u32)time, 0);
  begin();
  put_number(time[0]);
  put_nine_digits(time[1]);
  put("}\n");
}

struct request {
  char name[NAME];
  u16 family, port;
  u8 address[4], rest[8];
};

/* The IPv6 addresses of an interface: a line each of 32 digits, index, prefix, scope, flags, name (proc_net(5), if_inet6). */
static void tell_long_addresses(const char *name, int *count) {
  for (char *at = file_text("/proc/net/if_inet6"); *at;) {
    char *line = at, *end = at;
    while (*end && *end != '\n') end++;
    at = *end ? end + 1 : end;
    *end = 0;
    char *word = end;
    while (word > line && word[-1] != ' ') word--;
    if (end - line < 40 || !same(word, name)) continue;
    put((*count)++ ? ", " : "");
    put("{\"ip-address-type\": \"ipv6\", \"ip-address\": \"");
    for (int i = 0; i < 32; i++) {
      if (i && i % 4 == 0) put_byte(':');
      put_byte(line[i]);
    }
    put("\", \"prefix\": ");
    put_number(hex_digits(line + 34) & 255);
    put("}");
  }
}

static u32 prefix_of(int fd, struct request one) {
  u32 bits = 0;
  if (call(SYS_IOCTL, fd, SIOCGIFNETMASK, (u32)&one) < 0) return 0;
  for (u32 i = 0; i < 32; i++) bits += one.address[i / 8] >> i % 8 & 1;
  return bits;
}

/* Those that have an IPv4 address, with their IPv6 addresses. */
static void tell_interfaces(void) {
  struct request requests[16];
  struct {
    u32 size;
    struct request *list;
  } all = {sizeof requests, requests};
  u32 arguments[] = {AF_INET, SOCK_DGRAM, 0};
  int fd = call(SYS_SOCKETCALL, SOCKET, (u32)arguments, 0);
  if (fd < 0 || call(SYS_IOCTL, fd, SIOCGIFCONF, (u32)&all) < 0) all.size = 0;
  begin();
  put("[");
  for (u32 i = 0; i < all.size / sizeof *requests; i++) {
    struct request *one = &requests[i], hardware = *one;
    put(i ? ", {\"name\": " : "{\"name\": ");
    put_string(one->name, NAME);
    if (call(SYS_IOCTL, fd, SIOCGIFHWADDR, (u32)&hardware) >= 0) {
      const u8 *mac = (const u8 *)&hardware.port;
      put(", \"hardware-address\": \"");
      for (int n = 0; n < 6; n++) put(n ? ":" : ""), put_hex(mac[n], 2);
      put("\"");
    }
    put(", \"ip-addresses\": [{\"ip-address-type\": \"ipv4\", \"ip-address\": \"");
    for (int n = 0; n < 4; n++) put(n ? "." : ""), put_number(one->address[n]);
    put("\", \"prefix\": ");
    put_number(prefix_of(fd, *one));
    put("}");
    int count = 1;
    tell_long_addresses(one->name, &count);
    put("]}");
  }
  put("]}\n");
  if (fd >= 0) close_file(fd);
}

/* ---- What it does */

static int frozen;

/* File systems on block devices, or all that can be: `what` is FIFREEZE or FITHAW. Answers with how many. */
static void freeze(int what) {
  int count = 0;
  for (char *at = file_text("/proc/mounts"); *at;) {
    char *device = at, *path = at;
    while (*path && *path != ' ' && *path != '\n') path++;
    char *end = *path == ' ' ? ++path : path;
    while (*end && *end != ' ' && *end != '\n') end++;
    at = end;
    while (*at && *at != '\n') at++;
    if (*at) at++;
    *end = 0;
    if (device[0] != '/') continue;
    int fd = open_file(path, O_RDONLY);
    if (fd < 0) continue;
    if (call(SYS_IOCTL, fd, what, 0) >= 0) count++;
    close_file(fd);
  }
  frozen = what == FIFREEZE;
  begin();
  put_number(count);
  put("}\n");
}

/* `value`: ns since 1970, or none, which the real-time clock is read for: it is right already. */
static void set_time(const char *value) {
  u32 digits = 0, time[2] = {0, 0};
  while (value && value[digits] >= '0' && value[digits] <= '9') digits++;
  if (digits > 9) {
    for (u32 i = 0; i < digits; i++) time[i >= digits - 9] = time[i >= digits - 9] * 10 + value[i] - '0';
    if (call(SYS_CLOCK_SETTIME, 0, (u32)time, 0) < 0) return fail("the time could not be set");
  }
  begin();
  put("{}}\n");
}

/* As busybox init takes it (init/init.c names the signals). It is not answered. */
static void shut_down(const char *mode) {
  int signal = mode && same(mode, "reboot") ? SIGTERM : mode && same(mode, "halt") ? SIGUSR1 : SIGUSR2;
  call(SYS_KILL, 1, signal, 0);
}

/* Of the terminal that is the console. */
static void set_size(u32 rows, u32 columns) {
  struct {
    u16 rows, columns, x, y;
  } size = {rows, columns, 0, 0};
  char path[80] = "/dev/", *name = file_text("/sys/class/tty/console/active"), *end = name;
  while (*end && *end != '\n') end++;
  *end = 0;
  char *last = end;
  while (last > name && last[-1] != ' ') last--;
  for (u32 i = 0; last[i] && i < 64; i++) path[5 + i] = last[i];
  int fd = open_file(path, O_RDWR | O_NOCTTY);
  if (!rows || !columns || rows > 999 || columns > 999 || fd < 0 || call(SYS_IOCTL, fd, TIOCSWINSZ, (u32)&size) < 0)
    fail("the terminal's size could not be set");
  else begin(), put("{}}\n");
  if (fd >= 0) close_file(fd);
}

/* ---- Programs that it has started */

struct stream {
  int fd;
  u32 size;
  u8 bytes[OUTPUT];
};

static struct child {
  int pid, ended;
  u32 status;
  struct stream streams[2];
} children[CHILDREN];

/* Takes what the program has written; more than there is room for is dropped. */
static void gather(struct stream *stream) {
  u8 dropped[512];
  int room = OUTPUT - stream->size;
  int n = read_some(stream->fd, room ? stream->bytes + stream->size : dropped, room ? (u32)room : sizeof dropped);
  if (n == -EAGAIN || n == -EINTR) return;
  if (n > 0) {
    if (room) stream->size += n;
    return;
  }
  close_file(stream->fd);
  stream->fd = -1;
}

static void start(char *given) {
  /* Before the path's text gets its NUL: then the object ends there. */
  char *words[WORDS + 2], *list = field(given, "arg"), *path = string_at(field(given, "path"), 0);
  static char *environment[] = {"PATH=/bin", "HOME=/root", "TERM=linux", 0};
  struct child *child = children;
  int count = 1, ends[2][2];
  while (child < children + CHILDREN && child->pid) child++;
  if (!path) return fail("guest-exec needs a path");
  if (child == children + CHILDREN) return fail("too many programs run, or wait for their status to be asked for");
  words[0] = path;
  for (char *at = list && *list == '[' ? skip_space(list + 1) : 0; at && *at == '"' && count <= WORDS;) {
    char *behind, *word = string_at(at, &behind);
    if (!word) break;
    words[count++] = word;
    at = skip_space(behind);
    at = *at == ',' ? skip_space(at + 1) : 0;
  }
  words[count] = 0;
  if (call(SYS_PIPE, (u32)ends[0], 0, 0) < 0) return fail("no pipe could be made");
  if (call(SYS_PIPE, (u32)ends[1], 0, 0) < 0) {
    close_file(ends[0][0]), close_file(ends[0][1]);
    return fail("no pipe could be made");
  }
  int pid = call(SYS_FORK, 0, 0, 0);
  if (pid == 0) {
    int nothing = open_file("/dev/null", O_RDONLY);
    call(SYS_DUP2, nothing, 0, 0);
    for (int i = 0; i < 2; i++) call(SYS_DUP2, ends[i][1], i + 1, 0);
    for (int fd = 3; fd < 64; fd++) close_file(fd);
    call(SYS_EXECVE, (u32)path, (u32)words, (u32)environment);
    call(SYS_EXIT, 127, 0, 0);
  }
  for (int i = 0; i < 2; i++) close_file(ends[i][1]);
  if (pid < 0) {
    for (int i = 0; i < 2; i++) close_file(ends[i][0]);
    return fail("no process could be started");
  }
  child->pid = pid;
  child->ended = 0;
  for (int i = 0; i < 2; i++) child->streams[i].fd = ends[i][0], child->streams[i].size = 0;
  begin();
  put("{\"pid\": ");
  put_number(pid);
  put("}}\n");
}

static void put_stream(const char *name, const struct stream *stream) {
  if (!stream->size) return;
  put(", \"");
  put(name);
  put("\": ");
  put_base64(stream->bytes, stream->size);
}

/* What is asked for after its end is forgotten then. */
static void tell_status(u32 pid) {
  struct child *child = children;
  while (child < children + CHILDREN && (!child->pid || (u32)child->pid != pid)) child++;
  if (child == children + CHILDREN) return fail("there is no such program");
  if (!child->ended || child->streams[0].fd >= 0 || child->streams[1].fd >= 0) {
    put("{\"return\": {\"exited\": false}}\n");
    return;
  }
  put("{\"return\": {\"exited\": true, ");
  put(child->status & 127 ? "\"signal\": " : "\"exitcode\": ");
  put_number(child->status & 127 ? child->status & 127 : child->status >> 8 & 255);
  put_stream("out-data", &child->streams[0]);
  put_stream("err-data", &child->streams[1]);
  put("}}\n");
  child->pid = 0;
}

static void collect(void) {
  u32 status;
  for (int pid; (pid = call4(SYS_WAIT4, -1, (u32)&status, WNOHANG, 0)) > 0;)
    for (struct child *child = children; child < children + CHILDREN; child++)
      if (child->pid == pid) child->ended = 1, child->status = status;
}

/* ---- Commands */

static void answer_ok(void) { put("{\"return\": {}}\n"); }

static void obey(char *line) {
  char *given, *command;
  reply_size = 0;
  if (!skip_value(line, 0) || !field(line, "execute")) return fail("this is no command");
  /* Arguments first: a string's NUL is put where its end was. */
  given = field(line, "arguments");
  command = string_at(field(line, "execute"), 0);
  if (!command) return fail("this is no command");
  if (same(command, "guest-sync-delimited") || same(command, "guest-sync")) {
    if (command[10]) put_byte((char)0xff);
    begin();
    put_number(number_at(field(given, "id")));
    put("}\n");
  } else if (same(command, "guest-ping")) answer_ok();
  else if (same(command, "guest-info")) put("{\"return\": {\"version\": \"tabvisor\", \"supported_commands\": []}}\n");
  else if (same(command, "guest-get-host-name")) tell_host_name();
  else if (same(command, "guest-get-osinfo")) tell_system();
  else if (same(command, "guest-get-time")) tell_time();
  else if (same(command, "guest-set-time")) set_time(field(given, "time"));
  else if (same(command, "guest-network-get-interfaces")) tell_interfaces();
  else if (same(command, "guest-fsfreeze-freeze")) freeze(FIFREEZE);
  else if (same(command, "guest-fsfreeze-thaw")) freeze(FITHAW);
  else if (same(command, "guest-fsfreeze-status")) put(frozen ? "{\"return\": \"frozen\"}\n" : "{\"return\": \"thawed\"}\n");
  else if (same(command, "guest-exec")) start(given);
  else if (same(command, "guest-exec-status")) tell_status(number_at(field(given, "pid")));
  else if (same(command, "guest-shutdown")) shut_down(string_at(field(given, "mode"), 0));
  else if (same(command, "tabvisor-set-terminal-size"))
    set_size(number_at(field(given, "rows")), number_at(field(given, "columns")));
  else put("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command has not been found\"}}\n");
}

static void send_reply(int port) {
  for (u32 sent = 0; sent < reply_size;) {
    int n = call(SYS_WRITE, port, (u32)(reply + sent), reply_size - sent);
    if (n > 0) sent += n;
    else if (n != -EAGAIN && n != -EINTR) return;
  }
}

static char line[LINE + 1];
static u32 line_size;
static int too_long;

static void take(int port, const char *bytes, int size) {
  for (; size > 0; size--, bytes++) {
    if ((u8)*bytes == 0xff) line_size = 0, too_long = 0;
    else if (*bytes != '\n') {
      if (line_size < LINE) line[line_size++] = *bytes;
      else too_long = 1;
    } else {
      line[line_size] = 0;
      reply_size = 0;
      if (too_long) fail("the command is too long");
      else if (line_size) obey(line);
      send_reply(port);
      line_size = 0;
      too_long = 0;
    }
  }
}

static int run(const char *path) {
  struct pollfd fds[1 + 2 * CHILDREN];
  char bytes[1024];
  int port = open_file(path, O_RDWR);
  if (port < 0) return 1;
  for (;;) {
    int count = 1, active = 0;
    memset(fds, 0, sizeof fds);
    fds[0].fd = port;
    fds[0].events = POLLIN;
    for (int i = 0; i < CHILDREN; i++) {
      active |= children[i].pid && !children[i].ended;
      for (int n = 0; n < 2; n++) {
        struct pollfd *one = &fds[count++];
        one->fd = children[i].pid ? children[i].streams[n].fd : -1;
        one->events = POLLIN;
      }
    }
    /* A program that has closed its output is looked at for its end. */
    wait_for(fds, count, active ? 50 : -1);
    for (int i = 1; i < count; i++)
      if (fds[i].revents) gather(&children[(i - 1) / 2].streams[(i - 1) % 2]);
    collect();
    if (!fds[0].revents) continue;
    int n = read_some(port, bytes, sizeof bytes);
    if (n > 0) take(port, bytes, n);
    /* The host has closed its end, for now. */
    else if (n != -EAGAIN && n != -EINTR) wait_for(0, 0, 1000);
  }
}

/* `stack`: argc, then argv (System V ABI, i386). */
__attribute__((used)) void begin_program(u32 *stack) {
  char **argv = (char **)(stack + 1);
  call(SYS_EXIT, stack[0] == 2 ? run(argv[1]) : 2, 0, 0);
}

__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call begin_program\n hlt\n");

/* What the compiler may call for initialisers and copies. */
void *memset(void *to, int value, u32 count) {
  for (u8 *at = to; count--;) *at++ = (u8)value;
  return to;
}

void *memcpy(void *to, const void *from, u32 count) {
  u8 *at = to;
  for (const u8 *next = from; count--;) *at++ = *next++;
  return to;
}
