// A full-screen animation that the processor draws, in one of three modes. It is driven by single letters on the first serial port:
//     f  as many frames as it can    p  30 frames a second    s  it stands still    c  prints "@frames N": how many it has drawn
// At the start it draws one frame, prints "@ready" and stands still. The first eight pixels differ from frame to frame.
#include <stdint.h>

enum { MODE_13H = 0x13, MODE_12H = 0x12, FRAMES_PER_SECOND = 30 };

// What the two interrupt handlers leave for the program: ticks of the timer, commands in a ring.
enum { COMMANDS = 16 };
static volatile uint32_t ticks = 0;
static volatile uint8_t commands[COMMANDS] = {0};
static volatile uint32_t received = 0;
static uint32_t carried_out = 0;
static uint32_t frames = 0;

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static inline uint8_t in8(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

// 16550 UART: offsets of its registers.
enum { COM1 = 0x3f8, DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE = 3, MODEM = 4, LINE_STATUS = 5, CAN_SEND = 0x20, HAS_DATA = 1 };

static void serial_start(void) {
  out8(COM1 + LINE, 0x80);  // the divisor: 115,200 bit/s
  out8(COM1 + DATA, 1);
  out8(COM1 + INTERRUPTS, 0);
  out8(COM1 + LINE, 3);  // 8 bits
  out8(COM1 + FIFO, 7);
  out8(COM1 + MODEM, 0x0b);  // OUT2 lets interrupts through
  out8(COM1 + INTERRUPTS, 1);  // of what is received
}

static void print(const char *text) {
  for (; *text; text++) {
    while (!(in8(COM1 + LINE_STATUS) & CAN_SEND)) {
    }
    out8(COM1 + DATA, *text);
  }
}

static void print_frames(void) {
  char digits[11];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  uint32_t left = frames;
  do *--at = '0' + left % 10;
  while (left /= 10);
  print("@frames ");
  print(at);
  print("\r\n");
}

// 8259 interrupt controllers, 8254 timer.
enum { PIC1 = 0x20, PIC2 = 0xa0, END = 0x20, FIRST_VECTOR = 0x20, TIMER_IRQ = 0, SERIAL_IRQ = 4 };
enum { TIMER = 0x40, TIMER_MODE = 0x43, TIMER_HZ = 1193182 };

struct frame;

__attribute__((interrupt)) static void on_tick(struct frame *frame) {
  (void)frame;
  ticks++;
  out8(PIC1, END);
}

__attribute__((interrupt)) static void on_serial(struct frame *frame) {
  (void)frame;
  while (in8(COM1 + LINE_STATUS) & HAS_DATA) commands[received++ % COMMANDS] = in8(COM1 + DATA);
  out8(PIC1, END);
}

struct gate {
  uint16_t low, selector, flags, high;
};
static struct gate gates[FIRST_VECTOR + 16] = {{0}};

static void set_gate(int irq, void (*handler)(struct frame *)) {
  uint32_t address = (uint32_t)handler;
  gates[FIRST_VECTOR + irq] = (struct gate){address & 0xffff, 8, 0x8e00, address >> 16};
}

// Only the serial port interrupts while the picture stands still.
static void let_timer_interrupt(int wanted) {
  out8(PIC1 + 1, (uint8_t) ~(1 << SERIAL_IRQ | (wanted ? 1 << TIMER_IRQ : 0)));
}

static void interrupts_start(void) {
  set_gate(TIMER_IRQ, on_tick);
  set_gate(SERIAL_IRQ, on_serial);
  struct {
    uint16_t limit;
    uint32_t base;
  } __attribute__((packed)) table = {sizeof gates - 1, (uint32_t)gates};
  __asm__ volatile("lidt %0" : : "m"(table));
  out8(PIC1, 0x11);
  out8(PIC2, 0x11);
  out8(PIC1 + 1, FIRST_VECTOR);
  out8(PIC2 + 1, FIRST_VECTOR + 8);
  out8(PIC1 + 1, 4);
  out8(PIC2 + 1, 2);
  out8(PIC1 + 1, 1);
  out8(PIC2 + 1, 1);
  out8(PIC2 + 1, 0xff);
  let_timer_interrupt(0);
  uint16_t divisor = TIMER_HZ / FRAMES_PER_SECOND;
  out8(TIMER_MODE, 0x34);  // channel 0, rate generator
  out8(TIMER, divisor & 0xff);
  out8(TIMER, divisor >> 8);
  __asm__ volatile("sti");
}

// VGA: index and data ports of sequencer and graphics controller, the DAC.
enum { SEQUENCER = 0x3c4, GRAPHICS = 0x3ce, DAC_INDEX = 0x3c8, DAC_DATA = 0x3c9 };
enum { MAP_MASK = 2, SET_RESET = 0, ENABLE_SET_RESET = 1, BIT_MASK = 8 };
static uint8_t *const video = (uint8_t *)0xa0000;

static void set_register(uint16_t port, uint8_t index, uint8_t value) {
  out8(port, index);
  out8(port + 1, value);
}

// 256 colours of which no two are equal.
static void set_palette(void) {
  out8(DAC_INDEX, 0);
  for (int n = 0; n < 256; n++) {
    out8(DAC_DATA, n >> 2);
    out8(DAC_DATA, 63 - (n >> 2));
    out8(DAC_DATA, (n & 3) << 4);
  }
}

// 320 x 200 bytes, diagonals that move.
static void draw_13h(uint32_t frame) {
  volatile uint32_t *at = (volatile uint32_t *)video;
  for (uint32_t y = 0; y < 200; y++) {
    uint32_t pixels = (y + frame) * 0x01010101u;
    for (int x = 0; x < 320 / 4; x++, pixels += 0x04040404u) *at++ = pixels;
  }
}

// 640 x 480, four planes of a bit a pixel: each plane's own pattern as whole bytes, then a square whose every other pixel is set by
// the bit mask, for which the planes are read.
static void draw_12h(uint32_t frame) {
  for (int plane = 0; plane < 4; plane++) {
    set_register(SEQUENCER, MAP_MASK, 1 << plane);
    volatile uint32_t *at = (volatile uint32_t *)video;
    for (uint32_t y = 0; y < 480; y++) {
      uint32_t bits = ((frame >> plane) + (y >> plane)) * 0x01010101u;
      for (int x = 0; x < 640 / 32; x++, bits += 0x10101010u) *at++ = bits;
    }
  }
  set_register(SEQUENCER, MAP_MASK, 15);
  set_register(GRAPHICS, ENABLE_SET_RESET, 15);
  set_register(GRAPHICS, SET_RESET, frame & 15);
  set_register(GRAPHICS, BIT_MASK, 0x55);
  volatile uint8_t *square = video + 80 * 208 + 8 + frame % 56;
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 8; x++) {
      (void)square[80 * y + x];
      square[80 * y + x] = 0xff;
    }
  set_register(GRAPHICS, ENABLE_SET_RESET, 0);
  set_register(GRAPHICS, BIT_MASK, 0xff);
}

// What VBE 3.0 tells of a mode, as far as it is needed here (ModeInfoBlock).
struct mode_info {
  uint8_t unused[16];
  uint16_t bytes_per_line, width, height;
  uint8_t unused2[18];
  uint32_t frame_buffer;
} __attribute__((packed));

static void draw_linear(const struct mode_info *mode, uint32_t frame) {
  for (uint32_t y = 0; y < mode->height; y++) {
    volatile uint32_t *at = (volatile uint32_t *)(mode->frame_buffer + y * mode->bytes_per_line);
    uint32_t pixel = frame * 0x00030507u + y * 0x00000100u;
    for (int left = mode->width; left > 0; left--, pixel += 0x00010001u) *at++ = pixel;
  }
}

static void draw(int mode, const struct mode_info *info) {
  frames++;
  if (mode == MODE_13H) draw_13h(frames);
  else if (mode == MODE_12H) draw_12h(frames);
  else draw_linear(info, frames);
}

// Returns the next command, or 0. With `wait`, it is there or the timer has ticked since.
static uint8_t next_command(uint32_t last_tick, int wait) {
  __asm__ volatile("cli");
  while (wait && carried_out == received && ticks == last_tick) __asm__ volatile("sti; hlt; cli");
  uint8_t next = carried_out == received ? 0 : commands[carried_out++ % COMMANDS];
  __asm__ volatile("sti");
  return next;
}

__attribute__((section(".start"))) void animation(int mode, const struct mode_info *info) {
  serial_start();
  interrupts_start();
  if (mode == MODE_13H) set_palette();
  draw(mode, info);
  print("@ready\r\n");
  uint8_t pace = 's';
  uint32_t last_tick = ticks;
  for (;;) {
    uint8_t next = next_command(last_tick, pace != 'f');
    if (next == 'c') print_frames();
    else if (next) {
      pace = next;
      let_timer_interrupt(pace == 'p');
    }
    uint32_t now = ticks;
    if (pace == 'f' || (pace == 'p' && now != last_tick)) draw(mode, info);
    last_tick = now;
  }
}
