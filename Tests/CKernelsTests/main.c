// The kernel check's command: which sets, which suites, and what came of them.
// usage: kernel-check [--sets a,b] [--seed N] [--quick] [--exhaustive] [--slack BYTES]
//                     [--digest] [--list]
#define _GNU_SOURCE
#include "check.h"
#include "tiles.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool quick, exhaustive;
size_t slack;

static char case_name[256];
static size_t case_count, failure_count;
static double worst; // error as a share of its bound, in the running suite

enum { SHOWN_FAILURES = 20, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_FAULT = 3 };

typedef struct {
  const char *name;
  void (*check)(const gk_kernel_set *);
  void (*digest)(const gk_kernel_set *);
} suite;

static const suite suites[] = {
    {"pack_panel_f32", check_pack_panel, NULL},
    {"transpose_f32", check_transpose, NULL},
    {"gemm_f32", check_gemm_f32, digest_gemm_f32},
    {"layer_norm_f32", check_layer_norm, digest_layer_norm},
    {"softmax_block_f32", check_softmax, digest_softmax},
    {"geglu_f32", check_geglu, digest_geglu},
    {"rope_f32", check_rope, digest_rope},
    {"relative_f32", check_relative, digest_relative},
    {"gemm_s8, quantize_s8", check_s8, NULL},
    {"peak_f32", check_peak, NULL},
    {"tile_pack", check_tile_pack, NULL},
    {"tile_add, tile_geglu", check_tile_products, NULL},
    {"tile_heads", check_tile_heads, NULL},
    {"tile_norm, tile_quantize", check_tile_rows, NULL},
    {"tile_attention", check_tile_attention, NULL},
};
enum { SUITES = sizeof suites / sizeof suites[0] };

void begin_case(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(case_name, sizeof case_name, format, arguments);
  va_end(arguments);
  case_count++;
}

void end_case(void) {
  if (!release_all()) fail("bytes outside the data were written");
}

void fail(const char *format, ...) {
  if (++failure_count > SHOWN_FAILURES) return;
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "FAILED %s: ", case_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

void expect_within(double value, double expected, double bound, const char *what, size_t index) {
  const double error = fabs(value - expected);
  if (!(error <= bound))
    fail("%s[%zu] is %.9g, expected %.9g within %.3g", what, index, value, expected, bound);
  else if (bound > 0 && error / bound > worst) worst = error / bound;
}

void expect_same_bits(const float *values, const float *expected, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++) {
    if (memcmp(&values[i], &expected[i], sizeof(float)) == 0) continue;
    fail("%s[%zu] is %.9g, expected the bits of %.9g", what, i, (double)values[i],
         (double)expected[i]);
    return;
  }
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  char line[400];
  const int length =
      snprintf(line, sizeof line, "FAILED %s: %s at %p\n", case_name,
               number == SIGILL ? "illegal instruction" : "access outside the data", info->si_addr);
  if (write(STDERR_FILENO, line, (size_t)length) < 0) _exit(EXIT_USAGE);
  _exit(EXIT_FAULT);
}

static void catch_faults(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  for (size_t i = 0; i < 3; i++) sigaction((int[]){SIGSEGV, SIGBUS, SIGILL}[i], &action, NULL);
}

const gk_kernel_set *reference(void) {
  for (size_t i = 0; i < gk_kernel_set_count(); i++)
    if (strcmp(gk_kernel_set_at(i)->name, "scalar") == 0) return gk_kernel_set_at(i);
  fputs("the list has no scalar set\n", stderr);
  exit(EXIT_USAGE);
}

static bool runs_here(const gk_kernel_set *set) {
  const uint32_t tile_units = GK_CPU_AMX_BF16 | GK_CPU_AMX_INT8;
  if (set->required_features & ~gk_cpu_features()) return false;
  return !(set->required_features & tile_units) || gk_request_tile_permission() == 0;
}

/// Whether `names` ("a,b", or null for all) holds `name`.
static bool asked_for(const char *names, const char *name) {
  if (!names) return true;
  const size_t length = strlen(name);
  for (const char *at = names; (at = strstr(at, name)); at += length)
    if ((at == names || at[-1] == ',') && (at[length] == 0 || at[length] == ',')) return true;
  return false;
}

static void check_set(const gk_kernel_set *set, uint64_t seed) {
  for (size_t i = 0; i < SUITES; i++) {
    const size_t cases_before = case_count, failures_before = failure_count;
    worst = 0;
    seed_random(seed);
    suites[i].check(set);
    const size_t cases = case_count - cases_before;
    if (cases == 0) continue;
    printf("%s %s: %zu cases, %s", set->name, suites[i].name, cases,
           failure_count == failures_before ? "ok" : "FAILED");
    if (worst > 0) printf(", largest error %.2f of its bound", worst);
    putchar('\n');
  }
}

static void check_machine(uint64_t seed) {
  const size_t cases = case_count, failures = failure_count;
  seed_random(seed);
  check_probes();
  printf("probes: %zu cases, %s\n", case_count - cases,
         failure_count == failures ? "ok" : "FAILED");
}

static void print_digests(const gk_kernel_set *set) {
  for (size_t i = 0; i < SUITES; i++) {
    if (!suites[i].digest) continue;
    seed_random(1);
    digest_begin();
    suites[i].digest(set);
    printf("%s %s %016llx\n", suites[i].name, set->name, (unsigned long long)digest_value());
  }
}

int main(int count, char **arguments) {
  const char *names = NULL;
  uint64_t seed = 20261121;
  bool digests = false, list = false;
  for (int i = 1; i < count; i++) {
    const char *argument = arguments[i];
    if (strcmp(argument, "--quick") == 0) quick = true;
    else if (strcmp(argument, "--exhaustive") == 0) exhaustive = true;
    else if (strcmp(argument, "--digest") == 0) digests = true;
    else if (strcmp(argument, "--list") == 0) list = true;
    else if (strcmp(argument, "--sets") == 0 && i + 1 < count) names = arguments[++i];
    else if (strcmp(argument, "--seed") == 0 && i + 1 < count)
      seed = strtoull(arguments[++i], NULL, 10);
    else if (strcmp(argument, "--slack") == 0 && i + 1 < count)
      slack = strtoull(arguments[++i], NULL, 10);
    else {
      fprintf(stderr, "unknown argument %s\n", argument);
      return EXIT_USAGE;
    }
  }
  catch_faults();
  setvbuf(stdout, NULL, _IOLBF, 0);
  size_t sets = 0;
  char checked[256] = "";
  for (size_t i = 0; i < gk_kernel_set_count(); i++) {
    const gk_kernel_set *set = gk_kernel_set_at(i);
    if (!asked_for(names, set->name) || !runs_here(set)) continue;
    sets++;
    snprintf(checked + strlen(checked), sizeof checked - strlen(checked), " %s", set->name);
    if (list) puts(set->name);
    else if (digests) print_digests(set);
    else check_set(set, seed);
  }
  if (sets == 0) {
    fprintf(stderr, "this machine runs none of the sets %s\n", names ? names : "");
    return EXIT_USAGE;
  }
  if (list || digests) return 0;
  check_machine(seed);
  printf("%s:%s, %zu cases, seed %llu", failure_count ? "FAILED" : "ok", checked, case_count,
         (unsigned long long)seed);
  if (failure_count) printf(", %zu failures", failure_count);
  putchar('\n');
  return failure_count ? EXIT_FAILED : 0;
}
