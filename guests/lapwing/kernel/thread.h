/* Pre-emptive threads, all in ring 0: round robin at each tick of 10 ms; the lock of everything is the interrupt flag. */
#pragma once
#include "base.h"

enum { HZ = 100, THREADS = 12 };

enum thread_state { FREE, READY, WAITING };

struct thread {
  u32 stack_pointer, id, wake_at, ticks_used;
  enum thread_state state;
  bool timed, timed_out;
  const volatile void *channel;
  const char *name;
};

extern struct thread threads[THREADS];
extern struct thread *current;

void threads_init(void);
/* False when there are THREADS already. */
bool thread_start(const char *name, void (*run)(void *), void *argument);
void thread_yield(void);
void thread_sleep(u32 ticks);

/* Waits for wake(channel), at most `ticks` (0: for ever); false when the time has passed. Called with interrupts off, so that
 * nothing is missed between the caller's look and the wait. */
bool wait(const volatile void *channel, u32 ticks);
void wake(const volatile void *channel);

/* Called at each tick, with interrupts off, at the end of the interrupt. */
void threads_tick(u32 now);

struct mutex {
  struct thread *owner;
};

void lock(struct mutex *mutex);
void unlock(struct mutex *mutex);
