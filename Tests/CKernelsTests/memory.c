// Memory between unreadable pages: an access past the data's edge ends the process, and the signal
// handler in main.c names the case. No sanitizer sees tile loads and stores; the pages do.
#define _GNU_SOURCE
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define CLOSE(start, count) __asan_poison_memory_region((start), (count))
#define OPEN(start, count) __asan_unpoison_memory_region((start), (count))
#endif
#endif
#if !defined(CLOSE) && defined(GLISS_VALGRIND) // set by tools/kernels/check
#include <valgrind/memcheck.h>
#define CLOSE(start, count) (void)VALGRIND_MAKE_MEM_NOACCESS((start), (count))
#define OPEN(start, count) (void)VALGRIND_MAKE_MEM_DEFINED((start), (count))
#define UNDEFINED(start, count) (void)VALGRIND_MAKE_MEM_UNDEFINED((start), (count))
#endif
#ifndef CLOSE
#define CLOSE(start, count) ((void)(start), (void)(count))
#define OPEN(start, count) ((void)(start), (void)(count))
#endif
#ifndef UNDEFINED
#define UNDEFINED(start, count) OPEN(start, count)
#endif

enum { CANARY = 0xff, MAX_BLOCKS = 64, MAX_HIDDEN = 4096 };

typedef struct {
  unsigned char *map, *pages, *data;
  size_t map_bytes, page_bytes, bytes;
} block;

typedef struct {
  unsigned char *start;
  size_t bytes;
} span;

static block blocks[MAX_BLOCKS];
static span hidden[MAX_HIDDEN];
static size_t block_count, hidden_count;

static void give_up(const char *what) {
  perror(what);
  exit(2);
}

void *guarded(size_t bytes, size_t alignment, guard_side side) {
  if (block_count == MAX_BLOCKS) give_up("too many guarded blocks");
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t page_bytes = (bytes + slack + alignment + page) / page * page;
  const size_t map_bytes = page_bytes + 2 * page;
  unsigned char *map =
      mmap(NULL, map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) give_up("mmap");
  unsigned char *pages = map + page;
  if (mprotect(pages, page_bytes, PROT_READ | PROT_WRITE) != 0) give_up("mprotect");
  unsigned char *data =
      side == AT_START ? pages : pages + (page_bytes - slack - bytes) / alignment * alignment;
  memset(pages, CANARY, page_bytes);
  CLOSE(pages, page_bytes);
  UNDEFINED(data, bytes);
  blocks[block_count++] = (block){map, pages, data, map_bytes, page_bytes, bytes};
  return data;
}

float *guarded_floats(size_t count, size_t alignment, guard_side side) {
  return guarded(count * sizeof(float), alignment, side);
}

void hide(void *start, size_t bytes) {
  if (bytes == 0) return;
  if (hidden_count == MAX_HIDDEN) give_up("too many hidden spans");
  OPEN(start, bytes);
  memset(start, CANARY, bytes);
  CLOSE(start, bytes);
  hidden[hidden_count++] = (span){start, bytes};
}

static bool intact(const unsigned char *start, const unsigned char *end) {
  for (; start < end; start++)
    if (*start != CANARY) return false;
  return true;
}

bool release_all(void) {
  bool whole = true;
  for (size_t i = 0; i < hidden_count; i++) {
    OPEN(hidden[i].start, hidden[i].bytes);
    whole = whole && intact(hidden[i].start, hidden[i].start + hidden[i].bytes);
  }
  for (size_t i = 0; i < block_count; i++) {
    const block *b = &blocks[i];
    OPEN(b->pages, b->page_bytes);
    whole =
        whole && intact(b->pages, b->data) && intact(b->data + b->bytes, b->pages + b->page_bytes);
    munmap(b->map, b->map_bytes);
  }
  block_count = hidden_count = 0;
  return whole;
}
