/*
 * transact: one TCP connection that must not break, and web requests beside it, measured by the one who waits for them.
 *
 *   transact serve PORT
 *       answers every line "N" with "N+1"; a number that does not follow the one before is answered "expected M".
 *   transact client ADDRESS PORT HTTPPORT
 *       RATE times a second each: sends the next number over a connection that stays open, and fetches PATH over a new one.
 *       Prints one line a second, key=value pairs; times are ms, of the second that has passed:
 *         t       seconds since the start
 *         tcp     exchanges done, tcp50 tcp95 tcp99 tcpmax: percentiles of their round-trip times
 *         seq     the last number acknowledged
 *         tcperr  answers that were not the one expected, resets  connections lost; since the start
 *         http    pages fetched, http50 … httpmax, httperr: fetches that failed, since the start
 *         gap     the longest time without any answer on the open connection, since the start
 *
 * A program without a C library: i386 Linux system calls only. build-programs.ts makes the binary.
 */

typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

enum { RATE = 20, SAMPLES = 256, CLIENTS = 32, LINE = 64, HTTP_TIMEOUT = 30000000, SECOND = 1000000 };

static const char PATH[] = "/cgi-bin/work";
__attribute__((used)) static const char source[] = "source-sha256:" SOURCE_SHA256;

/* ---- System calls (arch/x86/entry/syscalls/syscall_32.tbl) */

enum {
  SYS_EXIT = 1,
  SYS_READ = 3,
  SYS_WRITE = 4,
  SYS_CLOSE = 6,
  SYS_SOCKETCALL = 102,
  SYS_POLL = 168,
  SYS_CLOCK_GETTIME = 265,
};
enum { SOCKET = 1, BIND = 2, CONNECT = 3, LISTEN = 4, ACCEPT = 5, SEND = 9, SETSOCKOPT = 14, GETSOCKOPT = 15 };
enum { AF_INET = 2, SOCK_STREAM = 1, SOCK_NONBLOCK = 04000, SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4 };
enum { IPPROTO_TCP = 6, TCP_NODELAY = 1, POLLIN = 1, POLLOUT = 4, CLOCK_MONOTONIC = 1 };
enum { EINPROGRESS = 115, EAGAIN = 11, MSG_NOSIGNAL = 0x4000 };

struct pollfd {
  int fd;
  u16 events, revents;
};

struct address {
  u16 family, port;
  u32 ip;
  u32 unused[2];
};

static int call(int number, u32 a, u32 b, u32 c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

static int socket_call(int which, u32 a, u32 b, u32 c, u32 d, u32 e) {
  u32 arguments[] = {a, b, c, d, e};
  return call(SYS_SOCKETCALL, which, (u32)arguments, 0);
}

static void close_socket(int fd) { call(SYS_CLOSE, fd, 0, 0); }

static int wait_for(struct pollfd *fds, int count, int ms) { return call(SYS_POLL, (u32)fds, count, ms); }

/* Microseconds since the start; wraps after 71 minutes, so only differences mean anything. */
static u32 seconds;
static u32 now(void) {
  static u32 first;
  u32 time[2];
  call(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (u32)time, 0);
  if (!first) first = time[0];
  seconds = time[0] - first;
  return seconds * SECOND + time[1] / 1000;
}

/* ---- Text */

static u32 length_of(const char *text) {
  u32 n = 0;
  while (text[n]) n++;
  return n;
}

static char *put(char *at, const char *text) {
  while (*text) *at++ = *text++;
  return at;
}

static char *put_number(char *at, u32 value) {
  char digits[10];
  int n = 0;
  do digits[n++] = '0' + value % 10;
  while (value /= 10);
  while (n) *at++ = digits[--n];
  return at;
}

/* Microseconds as milliseconds with two decimals. */
static char *put_ms(char *at, u32 us) {
  at = put_number(at, us / 1000);
  *at++ = '.';
  *at++ = '0' + us / 100 % 10;
  *at++ = '0' + us / 10 % 10;
  return at;
}

static const char *parse_number(const char *at, u32 *value) {
  *value = 0;
  while (*at >= '0' && *at <= '9') *value = *value * 10 + *at++ - '0';
  return at;
}

static int starts_with(const char *text, const char *start) {
  while (*start)
    if (*text++ != *start++) return 0;
  return 1;
}

static void print(const char *text, char *end) { call(SYS_WRITE, 1, (u32)text, end - text); }

static void fail(const char *why) {
  call(SYS_WRITE, 2, (u32) "transact: ", 10);
  call(SYS_WRITE, 2, (u32)why, length_of(why));
  call(SYS_WRITE, 2, (u32) "\n", 1);
  call(SYS_EXIT, 1, 0, 0);
}

/* ---- Sockets */

static u16 network_order(u32 port) { return (u16)(port << 8 | (port >> 8 & 255)); }

static int open_socket(void) {
  int fd = socket_call(SOCKET, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0, 0, 0);
  int on = 1;
  if (fd < 0) fail("no socket");
  socket_call(SETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, (u32)&on, sizeof on);
  return fd;
}

/* Begins to connect; the socket becomes writable when that has ended. -1 if it failed at once. */
static int open_connection(u32 ip, u32 port) {
  struct address to = {AF_INET, network_order(port), ip, {0, 0}};
  int fd = open_socket();
  int result = socket_call(CONNECT, fd, (u32)&to, sizeof to, 0, 0);
  if (result == 0 || result == -EINPROGRESS) return fd;
  close_socket(fd);
  return -1;
}

static int connection_failed(int fd) {
  int error = 0;
  u32 size = sizeof error;
  socket_call(GETSOCKOPT, fd, SOL_SOCKET, SO_ERROR, (u32)&error, (u32)&size);
  return error != 0;
}

/* Short texts go out whole or not at all. */
static int sent(int fd, const char *text, char *end) {
  return socket_call(SEND, fd, (u32)text, end - text, MSG_NOSIGNAL, 0) == end - text;
}

/* ---- serve */

struct peer {
  int fd;
  u32 expected;
  u32 length;
  char line[LINE];
};

static struct peer peers[CLIENTS];

static void answer(struct peer *peer) {
  char text[LINE], *end = text;
  u32 number;
  const char *rest = parse_number(peer->line, &number);
  if (*rest == '\n' && (number == peer->expected || peer->expected == 0)) {
    end = put_number(end, number + 1);
    peer->expected = number + 1;
  } else {
    end = put(end, "expected ");
    end = put_number(end, peer->expected);
  }
  *end++ = '\n';
  sent(peer->fd, text, end);
}

/* Reads what has come. 0 when the peer has gone, or talks nonsense. */
static int hear(struct peer *peer) {
  int count = call(SYS_READ, peer->fd, (u32)(peer->line + peer->length), LINE - 1 - peer->length);
  if (count == -EAGAIN) return 1;
  if (count <= 0) return 0;
  peer->length += count;
  if (peer->line[peer->length - 1] != '\n') return peer->length < LINE - 1;
  peer->line[peer->length] = 0;
  answer(peer);
  peer->length = 0;
  return 1;
}

static void admit(int fd) {
  for (int i = 0; i < CLIENTS; i++) {
    if (peers[i].fd >= 0) continue;
    peers[i].fd = fd;
    peers[i].expected = 0;
    peers[i].length = 0;
    return;
  }
  close_socket(fd);
}

static void serve(u32 port) {
  struct address any = {AF_INET, network_order(port), 0, {0, 0}};
  struct pollfd fds[CLIENTS + 1];
  int listener = open_socket(), on = 1;
  socket_call(SETSOCKOPT, listener, SOL_SOCKET, SO_REUSEADDR, (u32)&on, sizeof on);
  if (socket_call(BIND, listener, (u32)&any, sizeof any, 0, 0) < 0) fail("the port is taken");
  socket_call(LISTEN, listener, CLIENTS, 0, 0, 0);
  for (int i = 0; i < CLIENTS; i++) peers[i].fd = -1;
  for (;;) {
    fds[CLIENTS].fd = listener;
    fds[CLIENTS].events = POLLIN;
    for (int i = 0; i < CLIENTS; i++) {
      fds[i].fd = peers[i].fd; /* poll skips negative ones */
      fds[i].events = POLLIN;
    }
    wait_for(fds, CLIENTS + 1, -1);
    for (int i = 0; i < CLIENTS; i++) {
      if (peers[i].fd < 0 || !fds[i].revents || hear(&peers[i])) continue;
      close_socket(peers[i].fd);
      peers[i].fd = -1;
    }
    if (fds[CLIENTS].revents) {
      int fd = socket_call(ACCEPT, listener, 0, 0, 0, 0);
      if (fd >= 0) admit(fd);
    }
  }
}

/* ---- client */

struct samples {
  u32 count, errors;
  u32 us[SAMPLES]; /* sorted */
};

static void add_sample(struct samples *samples, u32 us) {
  u32 i = samples->count < SAMPLES ? samples->count++ : SAMPLES - 1;
  for (; i > 0 && samples->us[i - 1] > us; i--) samples->us[i] = samples->us[i - 1];
  samples->us[i] = us;
}

static char *put_samples(char *at, const char *name, struct samples *samples) {
  static const struct { const char *name; u32 percent; } parts[] = {{"50", 50}, {"95", 95}, {"99", 99}, {"max", 100}};
  at = put(put(at, " "), name);
  at = put_number(put(at, "="), samples->count);
  for (u32 i = 0; i < 4; i++) {
    u32 last = samples->count ? samples->count - 1 : 0;
    at = put(put(put(at, " "), name), parts[i].name);
    at = put_ms(put(at, "="), samples->count ? samples->us[last * parts[i].percent / 100] : 0);
  }
  at = put_number(put(put(put(at, " "), name), "err="), samples->errors);
  samples->count = 0;
  return at;
}

/* A request under way on `fd`, or none (fd < 0, or open and not waiting). */
struct request {
  int fd;
  int connected, waiting;
  u32 begun, due;
  u32 length;
  char text[LINE];
};

static struct request link = {.fd = -1}, page = {.fd = -1};
static struct samples exchanges, pages;
static u32 sequence, resets, last_answer, longest_gap;

static void drop(struct request *request) {
  if (request->fd >= 0) close_socket(request->fd);
  request->fd = -1;
  request->connected = request->waiting = 0;
  request->length = 0;
}

static void lose_link(void) {
  if (link.connected) resets++;
  drop(&link);
}

static void send_number(u32 time) {
  char text[LINE], *end = put_number(text, sequence + 1);
  *end++ = '\n';
  if (!sent(link.fd, text, end)) {
    lose_link();
    return;
  }
  link.begun = time;
  link.waiting = 1;
  link.length = 0;
}

static void hear_link(u32 time) {
  u32 number;
  int count = call(SYS_READ, link.fd, (u32)(link.text + link.length), LINE - 1 - link.length);
  if (count == -EAGAIN) return;
  if (count <= 0) {
    lose_link();
    return;
  }
  link.length += count;
  link.text[link.length] = 0;
  if (link.text[link.length - 1] != '\n') {
    if (link.length == LINE - 1) lose_link();
    return;
  }
  if (last_answer && time - last_answer > longest_gap) longest_gap = time - last_answer;
  last_answer = time;
  link.waiting = 0;
  if (*parse_number(link.text, &number) == '\n' && number == sequence + 2) {
    sequence++;
    add_sample(&exchanges, time - link.begun);
  } else {
    exchanges.errors++;
    lose_link();
  }
}

static void ask_page(void) {
  char text[LINE], *end = put(put(put(text, "GET "), PATH), " HTTP/1.0\r\n\r\n");
  if (!sent(page.fd, text, end)) {
    pages.errors++;
    drop(&page);
  }
}

/* The page ends when the server closes; its first line says how it went. */
static void hear_page(u32 time) {
  char rest[1024];
  int count;
  do {
    int head = page.length < LINE - 1;
    char *into = head ? page.text + page.length : rest;
    count = call(SYS_READ, page.fd, (u32)into, head ? LINE - 1 - page.length : sizeof rest);
    if (count > 0 && head) page.length += count;
  } while (count > 0);
  if (count == -EAGAIN) return;
  page.text[page.length] = 0;
  if (count == 0 && (starts_with(page.text, "HTTP/1.0 200") || starts_with(page.text, "HTTP/1.1 200")))
    add_sample(&pages, time - page.begun);
  else pages.errors++;
  drop(&page);
}

static void report(void) {
  char text[512], *at = put_number(put(text, "client t="), seconds);
  at = put_samples(at, "tcp", &exchanges);
  at = put_number(put(at, " seq="), sequence);
  at = put_number(put(at, " resets="), resets);
  at = put_samples(at, "http", &pages);
  at = put_ms(put(at, " gap="), longest_gap);
  *at++ = '\n';
  print(text, at);
}

static int is_due(u32 time, u32 due) { return (int)(time - due) >= 0; }

static u32 earlier(u32 a, u32 b) { return is_due(a, b) ? b : a; }

/* The next multiple of the period after `time`: what was missed is not made up for. */
static u32 next_due(u32 time, u32 due) {
  do due += SECOND / RATE;
  while (is_due(time, due));
  return due;
}

static void client(u32 ip, u32 port, u32 http_port) {
  u32 time = now(), reported = 0;
  link.due = page.due = time;
  for (;;) {
    struct pollfd fds[2];
    if (link.fd < 0 && is_due(time, link.due)) {
      link.fd = open_connection(ip, port);
      link.due = next_due(time, link.due);
    } else if (link.connected && !link.waiting && is_due(time, link.due)) {
      send_number(time);
      link.due = next_due(time, link.due);
    }
    if (page.fd < 0 && is_due(time, page.due)) {
      page.begun = time;
      page.fd = open_connection(ip, http_port);
      if (page.fd < 0) pages.errors++;
      page.due = next_due(time, page.due);
    }
    fds[0].fd = link.fd;
    fds[0].events = link.connected ? POLLIN : POLLOUT;
    fds[1].fd = page.fd;
    fds[1].events = page.connected ? POLLIN : POLLOUT;
    fds[0].revents = fds[1].revents = 0;
    u32 wake = time + SECOND / RATE;
    if (link.fd < 0 || (link.connected && !link.waiting)) wake = earlier(wake, link.due);
    if (page.fd < 0) wake = earlier(wake, page.due);
    wait_for(fds, 2, is_due(time, wake) ? 0 : (wake - time) / 1000 + 1);
    time = now();
    if (link.fd >= 0 && fds[0].revents) {
      if (link.connected) hear_link(time);
      else if (connection_failed(link.fd)) drop(&link);
      else link.connected = 1;
    }
    if (page.fd >= 0 && fds[1].revents) {
      if (page.connected) hear_page(time);
      else if (connection_failed(page.fd)) {
        pages.errors++;
        drop(&page);
      } else {
        page.connected = 1;
        ask_page();
      }
    } else if (page.fd >= 0 && time - page.begun > HTTP_TIMEOUT) {
      pages.errors++;
      drop(&page);
    }
    if (seconds != reported) {
      reported = seconds;
      report();
    }
  }
}

static u32 parse_address(const char *text) {
  u32 ip = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    u32 part;
    const char *rest = parse_number(text, &part);
    if (rest == text || part > 255 || *rest != (shift < 24 ? '.' : 0)) fail("an address is four numbers: 10.0.0.1");
    ip |= part << shift;
    text = rest + 1;
  }
  return ip;
}

static u32 parse_port(const char *text) {
  u32 port;
  if (*parse_number(text, &port) || port == 0 || port > 65535) fail("a port is a number from 1 to 65535");
  return port;
}

static int is(const char *text, const char *word) { return starts_with(text, word) && !text[length_of(word)]; }

/* `stack`: argc, then argv (System V ABI, i386). */
__attribute__((used)) void begin(u32 *stack) {
  u32 argc = stack[0];
  const char **argv = (const char **)(stack + 1);
  if (argc == 3 && is(argv[1], "serve")) serve(parse_port(argv[2]));
  if (argc == 5 && is(argv[1], "client")) client(parse_address(argv[2]), parse_port(argv[3]), parse_port(argv[4]));
  fail("usage: transact serve PORT | transact client ADDRESS PORT HTTPPORT");
}

__asm__(".globl _start\n_start: mov %esp, %eax\n push %eax\n call begin\n hlt\n");

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
