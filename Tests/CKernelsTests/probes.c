// The probes of the machine's peaks and of its memory: they run, and count what they do.
#include "check.h"

static void check_rate(const char *name, double (*peak)(size_t)) {
  begin_case("%s", name);
  const double none = peak(0), one = peak(1), many = peak(1000);
  if (none != 0 || !(one >= 2) || many != 1000 * one)
    fail("%g, %g and %g operations in 0, 1 and 1000 rounds", none, one, many);
  end_case();
}

void check_peak(const gk_kernel_set *set) { check_rate("peak_f32", set->peak_f32); }

void check_probes(void) {
  const uint32_t tiles = GK_CPU_AMX_BF16 | GK_CPU_AMX_INT8;
  for (size_t i = 0; i < gk_unit_count(); i++) {
    const gk_unit *unit = gk_unit_at(i);
    if (unit->required_features & ~gk_cpu_features()) continue;
    if ((unit->required_features & tiles) && gk_request_tile_permission() != 0) continue;
    check_rate(unit->name, unit->peak);
  }
  static const size_t lines[] = {0, 1, 2, 63, 64, 65, 1000};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    begin_case("read_bytes of %zu lines", lines[i]);
    const size_t words = lines[i] * 8;
    uint64_t *bytes = guarded(words * sizeof(uint64_t), GK_ALIGNMENT, random_side()), sum = 0;
    for (size_t w = 0; w < words; w++) sum += bytes[w] = random_bits();
    if (gk_read_bytes(bytes, lines[i] * 64) != sum) fail("the sum is wrong");
    end_case();
  }
}
