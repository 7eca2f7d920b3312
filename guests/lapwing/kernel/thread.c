#include "thread.h"
#include "panic.h"
#include "timer.h"

enum { STACK = 8192, STACK_MARK = 0x5afe57ac };

struct thread threads[THREADS];
struct thread *current = &threads[0];

static u32 stacks[THREADS][STACK / 4] __attribute__((aligned(16)));
static u32 last_id;

void switch_stacks(u32 *save, u32 load);

/* Thread 0 is the one that has booted; it becomes the idle thread and has the boot stack. */
void threads_init(void) {
  threads[0] = (struct thread){.name = "idle", .state = READY};
}

/* The next one that is ready, in a circle; the idle thread only when there is no other. Interrupts are off. */
static void schedule(void) {
  struct thread *next = &threads[0];
  for (u32 n = 1; n <= THREADS; n++) {
    struct thread *candidate = &threads[(u32)(current - threads + n) % THREADS];
    if (candidate->state == READY && candidate != &threads[0]) {
      next = candidate;
      break;
    }
  }
  u32 self = (u32)(current - threads);
  if (self && stacks[self][0] != STACK_MARK) panic("stack overflow in thread %s", current->name);
  if (next == current) return;
  struct thread *previous = current;
  current = next;
  switch_stacks(&previous->stack_pointer, next->stack_pointer);
}

/* Where a new thread begins: on its stack lie what to run and the argument. */
static void begin(void (*run)(void *), void *argument) {
  __asm__ volatile("sti");
  run(argument);
  interrupts_off();
  current->state = FREE;
  schedule();
}

bool thread_start(const char *name, void (*run)(void *), void *argument) {
  u32 flags = interrupts_off();
  u32 n = 1;
  while (n < THREADS && threads[n].state != FREE) n++;
  if (n < THREADS) {
    stacks[n][0] = STACK_MARK;
    u32 *top = &stacks[n][STACK / 4];
    *--top = (u32)argument;
    *--top = (u32)run;
    *--top = 0; /* begin() does not return */
    *--top = (u32)begin;
    for (u32 saved = 0; saved < 4; saved++) *--top = 0;
    threads[n] = (struct thread){.name = name, .state = READY, .id = ++last_id, .stack_pointer = (u32)top};
  }
  interrupts_restore(flags);
  return n < THREADS;
}

void thread_yield(void) {
  u32 flags = interrupts_off();
  schedule();
  interrupts_restore(flags);
}

bool wait(const volatile void *channel, u32 ticks) {
  current->channel = channel;
  current->timed = ticks > 0;
  current->timed_out = false;
  current->wake_at = timer_ticks() + ticks;
  current->state = WAITING;
  schedule();
  return !current->timed_out;
}

void thread_sleep(u32 ticks) {
  u32 flags = interrupts_off();
  /* Nobody wakes this channel. */
  if (ticks) wait(&current->wake_at, ticks);
  interrupts_restore(flags);
}

void wake(const volatile void *channel) {
  u32 flags = interrupts_off();
  for (u32 n = 0; n < THREADS; n++) {
    if (threads[n].state == WAITING && threads[n].channel == channel) threads[n].state = READY;
  }
  interrupts_restore(flags);
}

void threads_tick(u32 now) {
  current->ticks_used++;
  for (u32 n = 0; n < THREADS; n++) {
    struct thread *thread = &threads[n];
    if (thread->state != WAITING || !thread->timed || (i32)(now - thread->wake_at) < 0) continue;
    thread->timed_out = true;
    thread->state = READY;
  }
  schedule();
}

void lock(struct mutex *mutex) {
  u32 flags = interrupts_off();
  while (mutex->owner) wait(mutex, 0);
  mutex->owner = current;
  interrupts_restore(flags);
}

void unlock(struct mutex *mutex) {
  u32 flags = interrupts_off();
  mutex->owner = 0;
  wake(mutex);
  interrupts_restore(flags);
}
