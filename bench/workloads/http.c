// A static page from busybox's httpd, asked for again and again, each time by a new connection: the server forks for each.
#include "busybox.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { PORT = 28431, PAGES = 200, PAGE_BYTES = 2000, TRIES = 500, BETWEEN_TRIES_US = 20000 };

static char folder[] = "/tmp/workload-site-XXXXXX";
static pid_t server;

// Returns -1 if nothing listens.
static int connect_to_server(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connection < 0) fail("socket");
  if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return connection;
  close(connection);
  return -1;
}

static void start_server(void) {
  char path[100], port[24];
  if (!mkdtemp(folder)) fail(folder);
  snprintf(path, sizeof path, "%s/page.html", folder);
  FILE *page = fopen(path, "w");
  if (!page) fail(path);
  for (int i = 0; i < PAGE_BYTES; i++) putc(i % 64 == 63 ? '\n' : 'a' + i % 26, page);
  fclose(page);
  snprintf(port, sizeof port, "127.0.0.1:%d", PORT);
  server = start_busybox((char *[]){"busybox", "httpd", "-f", "-p", port, "-h", folder, 0});
  for (int try = 0; try < TRIES; try++) {
    int connection = connect_to_server();
    if (connection >= 0) {
      close(connection);
      return;
    }
    usleep(BETWEEN_TRIES_US);
  }
  fail("httpd");
}

static uint32_t fetch(uint32_t hash) {
  static const char request[] = "GET /page.html HTTP/1.0\r\n\r\n";
  static char answer[1 << 14];
  int connection = connect_to_server();
  if (connection < 0) fail("connect");
  if (write(connection, request, sizeof request - 1) != sizeof request - 1) fail("write");
  size_t length = 0;
  for (ssize_t count; (count = read(connection, answer + length, sizeof answer - 1 - length)) > 0;) length += count;
  close(connection);
  answer[length] = 0;
  // The header has the time in it.
  const char *body = strstr(answer, "\r\n\r\n");
  if (!body || strlen(body + 4) != PAGE_BYTES) fail("the page");
  for (body += 4; *body; body++) hash = mix(hash, *body);
  return hash;
}

static uint32_t run(void) {
  uint32_t hash = FNV_START;
  for (int i = 0; i < PAGES; i++) hash = fetch(hash);
  kill(server, SIGTERM);
  waitpid(server, 0, 0);
  run_busybox((char *[]){"busybox", "rm", "-r", folder, 0});
  return hash;
}

const struct workload http = {.name = "http", .prepare = start_server, .run = run, .operations = PAGES};
