/* Strings and memory without a C library; GCC calls the mem functions itself. */
#include "base.h"

void *memcpy(void *to, const void *from, u32 bytes) {
  void *start = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
  return start;
}

void *memmove(void *to, const void *from, u32 bytes) {
  if ((u32)to <= (u32)from) return memcpy(to, from, bytes);
  for (u32 n = bytes; n > 0; n--) ((u8 *)to)[n - 1] = ((const u8 *)from)[n - 1];
  return to;
}

void *memset(void *to, int value, u32 bytes) {
  void *start = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
  return start;
}

int memcmp(const void *a, const void *b, u32 bytes) {
  const u8 *left = a, *right = b;
  for (u32 n = 0; n < bytes; n++) {
    if (left[n] != right[n]) return left[n] - right[n];
  }
  return 0;
}

u32 strlen(const char *text) {
  u32 n = 0;
  while (text[n]) n++;
  return n;
}

bool same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

void copy_text(char *to, const char *from, u32 size) {
  u32 n = 0;
  for (; from[n] && n + 1 < size; n++) to[n] = from[n];
  to[n] = 0;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

bool parse_number(const char *text, u32 *number) {
  u32 value = 0;
  if (!*text) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    u32 digit = *text - '0';
    if (value > (0xffffffffu - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *number = value;
  return true;
}

struct output {
  char *to;
  u32 size, length;
};

static void put(struct output *output, char c) {
  if (output->length + 1 < output->size) output->to[output->length++] = c;
}

static void put_field(struct output *output, const char *text, u32 width, bool left, char fill) {
  u32 length = strlen(text);
  for (u32 n = length; !left && n < width; n++) put(output, fill);
  for (u32 n = 0; n < length; n++) put(output, text[n]);
  for (u32 n = length; left && n < width; n++) put(output, ' ');
}

static const char *digits(char buffer[16], u32 value, u32 base, bool negative) {
  char *at = buffer + 15;
  *at = 0;
  do *--at = "0123456789abcdef"[value % base];
  while (value /= base);
  if (negative) *--at = '-';
  return at;
}

u32 format(char *to, u32 size, const char *pattern, va_list arguments) {
  struct output output = {to, size, 0};
  for (; *pattern; pattern++) {
    if (*pattern != '%') {
      put(&output, *pattern);
      continue;
    }
    pattern++;
    bool left = *pattern == '-';
    if (left) pattern++;
    char fill = *pattern == '0' ? '0' : ' ';
    u32 width = 0;
    for (; *pattern >= '0' && *pattern <= '9'; pattern++) width = width * 10 + *pattern - '0';
    char buffer[16];
    switch (*pattern) {
      case 'd': {
        i32 value = va_arg(arguments, i32);
        put_field(&output, digits(buffer, value < 0 ? -(u32)value : (u32)value, 10, value < 0), width, left, fill);
        break;
      }
      case 'u': put_field(&output, digits(buffer, va_arg(arguments, u32), 10, false), width, left, fill); break;
      case 'x': put_field(&output, digits(buffer, va_arg(arguments, u32), 16, false), width, left, fill); break;
      case 's': put_field(&output, va_arg(arguments, const char *), width, left, ' '); break;
      case 'c': put(&output, (char)va_arg(arguments, int)); break;
      default: put(&output, *pattern);
    }
  }
  if (size) to[output.length] = 0;
  return output.length;
}

u32 format_to(char *to, u32 size, const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  u32 length = format(to, size, pattern, arguments);
  va_end(arguments);
  return length;
}
